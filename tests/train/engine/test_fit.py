"""The training loop on a linear function: it converges, resumes exactly, stops early and writes logs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from tensorboard.backend.event_processing import event_accumulator
from torch import nn

from tests.train.toy_fit import SHORT, Line, LineWithDropout, line, score, squared
from train.engine.fit import Rounds, fit, read_rounds


def test_finished_run_is_only_loaded(tmp_path: Path) -> None:
    network = line(tmp_path)
    assert network.weight.item() == pytest.approx(2, abs=0.3)
    stamp = (tmp_path / "best.ckpt").stat().st_mtime_ns
    again = line(tmp_path)
    assert again.weight.item() == network.weight.item()
    assert (tmp_path / "best.ckpt").stat().st_mtime_ns == stamp


def test_resumed_run_equals_an_uninterrupted_one(tmp_path: Path) -> None:
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
    assert len(read_rounds(tmp_path / "whole")) == SHORT.rounds
    scores = [[round_["score"] for round_ in read_rounds(tmp_path / name)] for name in ("resumed", "whole")]
    assert scores[0] == pytest.approx(scores[1], abs=1e-6)


def test_best_round_is_kept_without_training_again(tmp_path: Path) -> None:
    worse = iter([3.0, 2.0, 1.0, 0.0])
    network = LineWithDropout()
    fit(network, Line(), squared, lambda _: {"score": next(worse)}, SHORT, tmp_path, seed=0)
    first = network.line.weight.item()
    fit(network, Line(), squared, lambda _: {"score": next(worse)}, SHORT, tmp_path, seed=0)
    assert network.line.weight.item() == first
    assert [round_["score"] for round_ in read_rounds(tmp_path)] == [3.0, 2.0, 1.0, 0.0]


def test_restarted_run_replaces_an_old_best_checkpoint(tmp_path: Path) -> None:
    (tmp_path / "again").mkdir()
    (tmp_path / "again" / "best.ckpt").write_bytes(b"of a run that stopped before its first last.ckpt")
    assert line(tmp_path / "again").weight.item() == line(tmp_path / "whole").weight.item()
    assert sorted(path.name for path in (tmp_path / "again").glob("*.ckpt")) == ["best.ckpt", "last.ckpt"]


def test_patience_stops_early(tmp_path: Path) -> None:
    scores = iter([1.0, 2.0, 1.5, 1.0])
    schedule = replace(SHORT, patience=1)
    for _ in range(2):
        fit(LineWithDropout(), Line(), squared, lambda _: {"score": next(scores)}, schedule, tmp_path, seed=0)
    assert [round_["score"] for round_ in read_rounds(tmp_path)] == [1.0, 2.0, 1.5]


def test_logs_can_be_read_by_tensorboard(tmp_path: Path) -> None:
    line(tmp_path)
    logged = event_accumulator.EventAccumulator(str(next(tmp_path.glob("logs/*/events*")).parent)).Reload()
    assert len(logged.Scalars("score")) == SHORT.rounds


def test_rounds_number_samples_consecutively() -> None:
    rounds = Rounds(3)
    rounds.set_epoch(2)
    assert list(rounds) == [6, 7, 8]
    assert len(rounds) == 3
