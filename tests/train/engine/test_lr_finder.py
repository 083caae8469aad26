"""The learning-rate finder."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from typer.testing import CliRunner

from tests.train.toy_fit import SHORT, Line, LineWithDropout, line, score, squared
from train.__main__ import app
from train.data.sampler import BalancedSampler
from train.engine import hardware, lr_finder
from train.engine.fit import fit
from train.engine.lr_finder import HIGHEST, LOWEST, Curve, range_test
from train.recipes import speech_mfcc


@pytest.fixture
def finder_enabled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Enable the finder, like `python -m train --find-rate`."""
    monkeypatch.setenv(lr_finder.VARIABLE, "1")


def test_suggestion_lies_below_the_rate_of_the_lowest_loss() -> None:
    assert Curve((1e-3, 1e-2, 1e-1), (3.0, 1.0, 2.0)).suggestion == pytest.approx(1e-3)
    labels = np.arange(40) % 2
    data = BalancedSampler((labels,), labels, lambda row, rng: np.array([4.0 * labels[row] - 2], np.float32), 0)
    network = torch.nn.Linear(1, 2)
    before = network.weight.clone()
    schedule = replace(speech_mfcc.HEAD, batch=8, half=False)

    def loss(tried: torch.nn.Module, batch: tuple[torch.Tensor, ...]) -> torch.Tensor:
        return torch.nn.functional.cross_entropy(tried(batch[0]), batch[1])

    curve = range_test(network, data, loss, schedule, 0)
    assert 1e-5 < curve.suggestion < 0.2
    assert torch.equal(network.weight, before)


@pytest.mark.usefixtures("finder_enabled")
def test_new_run_prints_the_suggestion_and_writes_the_curve(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    curves: list[Curve] = []
    monkeypatch.setattr(lr_finder, "range_test", lambda *given: curves.append(range_test(*given)) or curves[-1])
    line(tmp_path)
    assert LOWEST <= curves[0].suggestion <= HIGHEST and np.isfinite(curves[0].losses).all()
    assert f"suggests a rate of {curves[0].suggestion:.1e}; the recipe has 4.0e-01" in capsys.readouterr().out
    with (tmp_path / "rates.csv").open(newline="") as file:
        rows = [(float(row["rate"]), float(row["loss"])) for row in csv.DictReader(file)]
    assert rows == list(zip(curves[0].rates, curves[0].losses, strict=True))
    line(tmp_path)
    assert len(curves) == 1, "a finished run is only loaded"


def test_finder_does_not_change_training(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = line(tmp_path / "plain")
    monkeypatch.setenv(lr_finder.VARIABLE, "1")
    with_finder = line(tmp_path / "with")
    assert (tmp_path / "with" / "rates.csv").exists() and not (tmp_path / "plain" / "rates.csv").exists()
    for one, other in zip(plain.parameters(), with_finder.parameters(), strict=True):
        torch.testing.assert_close(one, other, atol=0, rtol=0)


@pytest.mark.usefixtures("finder_enabled")
def test_resumed_run_does_not_run_the_finder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[object] = []
    monkeypatch.setattr(lr_finder, "range_test", lambda *given: tried.append(given) or Curve((0.1,), (1.0,)))
    rounds: list[dict[str, float]] = []

    def interrupted(network: torch.nn.Module) -> dict[str, float]:
        if rounds:
            raise ConnectionAbortedError
        rounds.append(score(network))
        return rounds[0]

    with pytest.raises(ConnectionAbortedError):
        fit(LineWithDropout(), Line(), squared, interrupted, SHORT, tmp_path, seed=0)
    fit(LineWithDropout(), Line(), squared, score, SHORT, tmp_path, seed=0)
    assert len(tried) == 1


def test_range_test_uses_the_training_device(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hardware, "training_device", lambda: torch.device("meta"))
    places: list[str] = []
    monkeypatch.setattr(torch, "autocast", lambda kind, *_, **__: places.append(kind) or nullcontext())

    def loss(tried: torch.nn.Module, batch: Sequence[torch.Tensor]) -> torch.Tensor:
        places.extend(one.device.type for one in (*batch, *tried.parameters()))
        return squared(tried, tuple(batch))

    with pytest.raises(RuntimeError):  # there are no numbers on that device
        range_test(torch.nn.Linear(1, 1), Line(), loss, SHORT, seed=0)
    assert places == ["meta"] * 5


def test_find_rate_option_sets_the_environment_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(lr_finder.VARIABLE, "")
    assert CliRunner().invoke(app, ["--find-rate", "singing", "--help"]).exit_code == 0
    assert lr_finder.os.environ[lr_finder.VARIABLE] == "1"
