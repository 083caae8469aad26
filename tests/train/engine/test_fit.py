"""The training engine on a line: it learns, resumes as if nothing had happened, stops in time, and keeps its logs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from tensorboard.backend.event_processing import event_accumulator
from torch import nn

from tests.train.toy_fit import SHORT, Line, LineWithDropout, line, score, squared
from train.engine.fit import Rounds, curve, fit, rates


def test_fit_learns_and_a_finished_run_is_only_loaded(tmp_path: Path) -> None:
    network = line(tmp_path)
    assert network.weight.item() == pytest.approx(2, abs=0.3)
    stamp = (tmp_path / "best.ckpt").stat().st_mtime_ns
    again = line(tmp_path)
    assert again.weight.item() == network.weight.item()
    assert (tmp_path / "best.ckpt").stat().st_mtime_ns == stamp


def test_an_interrupted_run_ends_as_an_uninterrupted_one(tmp_path: Path) -> None:
    calls = 0

    def interrupted(network: nn.Module) -> dict[str, float]:
        nonlocal calls
        calls += 1
        if calls == 3:
            raise ConnectionAbortedError
        return score(network)

    torch.manual_seed(0)
    with pytest.raises(ConnectionAbortedError):
        fit(LineWithDropout(), Line(), squared, interrupted, SHORT, tmp_path / "resumed", seed=0)
    resumed, whole = line(tmp_path / "resumed"), line(tmp_path / "whole")
    assert resumed.weight.item() == pytest.approx(whole.weight.item(), abs=1e-6)
    assert len(curve(tmp_path / "whole")) == SHORT.rounds
    scores = [[found["score"] for found in curve(tmp_path / name)] for name in ("resumed", "whole")]
    assert scores[0] == pytest.approx(scores[1], abs=1e-6)


def test_a_run_whose_last_round_was_not_its_best_is_not_trained_again(tmp_path: Path) -> None:
    worse = iter([3.0, 2.0, 1.0, 0.0])
    network = LineWithDropout()
    fit(network, Line(), squared, lambda _: {"score": next(worse)}, SHORT, tmp_path, seed=0)
    first = network.line.weight.item()
    fit(network, Line(), squared, lambda _: {"score": next(worse)}, SHORT, tmp_path, seed=0)
    assert network.line.weight.item() == first
    assert [found["score"] for found in curve(tmp_path)] == [3.0, 2.0, 1.0, 0.0]


def test_a_run_that_starts_again_forgets_the_best_round_of_before(tmp_path: Path) -> None:
    (tmp_path / "again").mkdir()
    (tmp_path / "again" / "best.ckpt").write_bytes(b"of a run that stopped before its first last.ckpt")
    assert line(tmp_path / "again").weight.item() == line(tmp_path / "whole").weight.item()
    assert sorted(path.name for path in (tmp_path / "again").glob("*.ckpt")) == ["best.ckpt", "last.ckpt"]


def test_training_stops_when_nothing_gets_better(tmp_path: Path) -> None:
    scores = iter([1.0, 2.0, 1.5, 1.0])
    schedule = replace(SHORT, patience=1)
    for _ in range(2):
        fit(LineWithDropout(), Line(), squared, lambda _: {"score": next(scores)}, schedule, tmp_path, seed=0)
    assert [found["score"] for found in curve(tmp_path)] == [1.0, 2.0, 1.5]


def test_logs_are_there_for_tensorboard(tmp_path: Path) -> None:
    line(tmp_path)
    logged = event_accumulator.EventAccumulator(str(next(tmp_path.glob("logs/*/events*")).parent)).Reload()
    assert len(logged.Scalars("score")) == SHORT.rounds


def test_rates_follow_one_cycle_or_restart() -> None:
    once, thrice = rates(SHORT), rates(replace(SHORT, restarts=3))
    assert len(once) == len(thrice) == 40
    assert once.index(max(once)) == 5 and once[-1] < 1e-3 * SHORT.rate
    starts = [step for step in range(1, 40) if thrice[step] > thrice[step - 1]]
    assert starts == [10, 20, 30]
    assert all(thrice[step] == SHORT.rate for step in (0, *starts))


def test_rounds_go_on_counting() -> None:
    rounds = Rounds(3)
    rounds.set_epoch(2)
    assert list(rounds) == [6, 7, 8]
    assert len(rounds) == 3
