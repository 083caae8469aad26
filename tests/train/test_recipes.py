"""The recipes on a small corpus: they run, resume, learn and remember."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from tensorboard.backend.event_processing import event_accumulator
from torch import nn
from torch.utils.data import Dataset

from gender_audio import weights
from gender_audio.models.unet import MaskNet
from gender_audio.systems import SINGER
from train.data.packed import Packed, pack
from train.fit import Rounds, Schedule, curve, fit, rates
from train.recipes import ablation, separator, singer, student
from train.teachers import Lessons


class Line(Dataset[tuple[torch.Tensor, ...]]):
    """y = 2 x, sample by sample."""

    def __getitem__(self, number: int) -> tuple[torch.Tensor, ...]:
        x = torch.tensor([float(number % 7) - 3])
        return x, 2 * x


def squared(network: nn.Module, batch: tuple[torch.Tensor, ...]) -> torch.Tensor:
    return (network(batch[0]) - batch[1]).square().mean()


def score(network: nn.Module) -> dict[str, float]:
    return {"score": -float((network(torch.ones(1)) - 2).abs())}


SHORT = Schedule(samples=400, batch=10, rate=0.4, rounds=4, workers=0, half=False, decay=0.0)


class Forgetful(nn.Module):
    """A line whose input is sometimes dropped in training."""

    def __init__(self) -> None:
        super().__init__()
        self.drop = nn.Dropout(0.1)
        self.line = nn.Linear(1, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.line(self.drop(x))


def line(run: Path, schedule: Schedule = SHORT) -> nn.Linear:
    torch.manual_seed(0)
    network = Forgetful()
    fit(network, Line(), squared, score, schedule, run, seed=0)
    return network.line


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
        fit(Forgetful(), Line(), squared, interrupted, SHORT, tmp_path / "resumed", seed=0)
    resumed, whole = line(tmp_path / "resumed"), line(tmp_path / "whole")
    assert resumed.weight.item() == pytest.approx(whole.weight.item(), abs=1e-6)
    assert len(curve(tmp_path / "whole")) == SHORT.rounds
    scores = [[found["score"] for found in curve(tmp_path / name)] for name in ("resumed", "whole")]
    assert scores[0] == pytest.approx(scores[1], abs=1e-6)


def test_a_run_whose_last_round_was_not_its_best_is_not_trained_again(tmp_path: Path) -> None:
    worse = iter([3.0, 2.0, 1.0, 0.0])
    network = Forgetful()
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
        fit(Forgetful(), Line(), squared, lambda _: {"score": next(scores)}, schedule, tmp_path, seed=0)
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


def rows(folder: Path) -> None:
    """A validation file with four rows of each label."""
    parts = {"male": "val-0.ogg", "female": "val-1.ogg", "multiple": "val-2.ogg", "none": ""}
    fields = "id label kind voice1 voice1_at voice2 voice2_at gain2_db acc1 acc1_at acc2 acc2_at acc2_gain_db snr_db"
    with (folder / "remix_val.csv").open("w", newline="") as file:
        table = csv.DictWriter(file, [*fields.split(), "singers"], restval="")
        table.writeheader()
        for label in sorted(SINGER.labels * 4):
            voice = {"voice1": parts[label], "voice1_at": 0} if parts[label] else {}
            second = {"voice2": "val-3.ogg", "voice2_at": 0, "gain2_db": 0} if label == "multiple" else {}
            kind = "sung" if voice else "instrumental"
            table.writerow(
                {"id": label, "label": label, "kind": kind, "acc1": "val-6.ogg", "acc1_at": 0, "snr_db": 0}
                | voice
                | second
            )


def test_members_are_packed_trained_and_scored(corpus: Path, tmp_path: Path) -> None:
    schedule = replace(singer.SCHEDULE, samples=32, batch=8, rounds=2, half=False)
    plain = singer.Recipe(corpus, tmp_path / "cache", "mixture", "none", remixes=24, band=1, voices=0)
    recipe = replace(plain, schedule=schedule)
    remixes = pack(recipe.plan, processes=1)
    assert remixes.features.shape == (24, 1, singer.FEATURE.frames, singer.FEATURE.bands)
    assert set(remixes.labels.tolist()) <= {0, 1, 2, 3}
    voices = (remixes.singers != "").sum(1)
    alone = remixes.labels != SINGER.labels.index("multiple")  # who sings in harmony with themselves has one name
    np.testing.assert_array_equal(voices[alone], np.array([0, 1, 1])[remixes.labels[alone]])
    assert (voices[~alone] >= 1).all()
    np.testing.assert_array_equal(pack(recipe.plan, processes=1).features, remixes.features)
    ensemble = singer.train(recipe, members=2)
    heard, said = recipe.bag(0).strangers(singer.STRANGERS)
    assert len(heard) == len(said) > 0
    assert ensemble(heard).shape == (2, len(heard), 4)


@pytest.mark.usefixtures("one_process")
def test_everyone_means_the_singers_of_val_but_neither_its_speakers_nor_its_accompaniments(
    corpus: Path, tmp_path: Path
) -> None:
    recipe = singer.Recipe(corpus, tmp_path / "cache", inputs="mixture", separator="none", remixes=60, band=0, voices=0)
    everyone = replace(recipe, everyone=True)
    assert {source.split for source in recipe.plan.sources} == {"train"}
    more = [source for source in everyone.plan.sources if source.split == "val"]
    assert {(source.dataset, source.kind) for source in more} == {("mir1k", "singing"), ("choral", "singing")}
    singers = {source.singer_id for source in more}
    assert set(everyone.strata) - set(recipe.strata) == singers
    assert everyone.run(0) != recipe.run(0)
    heard = set(pack(everyone.plan, processes=1).singers.ravel())
    assert heard & singers and heard <= set(everyone.strata) | {""}


@pytest.mark.usefixtures("one_process")
def test_the_student_learns_what_its_teachers_say(
    corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(singer, "FURTHER_REMIXES", 24)
    monkeypatch.setattr(student, "SCHEDULE", replace(student.SCHEDULE, samples=16, batch=8, rounds=2, half=False))
    plain = singer.Recipe(corpus, tmp_path / "cache", "mixture", "none", band=0, voices=0, calibrating=24)
    recipe = student.taught(plain)
    bag = recipe.bag(student.FIRST)
    assert isinstance(recipe.lessons(bag), Lessons)
    assert not bag.unheard[bag.drawn].any(), "it is chosen and calibrated on what it did not learn"
    student.ship(student.train(recipe), recipe, "a command", tmp_path / "weights")
    assert [path.name for path in (tmp_path / "weights" / "student").glob("*.safetensors")] == ["student.safetensors"]
    assert any(recipe.run(student.FIRST).iterdir())


def test_runs_that_were_chosen_on_other_rows_are_other_runs(
    corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs: list[Path] = []
    for recipe in (separator, ablation):
        monkeypatch.setattr(recipe, "fit", lambda *given: runs.append(given[-2]))
    nothing = Packed(np.empty(0), np.empty(0), np.empty(0))
    monkeypatch.setattr(ablation, "remember", lambda plan, inputs: nothing)
    rows(tmp_path)
    for _ in range(2):
        separator.train(separator.Recipe(corpus, tmp_path, tmp_path, band=0, voices=0))
        ablation.train(ablation.Recipe(corpus, tmp_path, tmp_path), ablation.Variant("none", "mixture"))
        file = tmp_path / "remix_val.csv"
        file.write_text("".join(file.read_text().splitlines(keepends=True)[:-1]))
    assert len(set(runs)) == len(runs) == 4


def test_the_separator_learns_on_remixes(corpus: Path, tmp_path: Path) -> None:
    rows(tmp_path)
    schedule = replace(separator.SCHEDULE, samples=16, batch=4, rounds=2, half=False, workers=0)
    recipe = separator.Recipe(corpus, tmp_path, tmp_path / "cache", schedule=schedule, band=1, voices=0)
    network, metrics = separator.train(recipe)
    assert {"sung", "instrumental", "sung male"} <= set(metrics)
    assert all(np.isfinite(value) for value in metrics.values())
    assert not network.training


def test_the_separator_goes_on_from_the_shipped_weights(corpus: Path, tmp_path: Path) -> None:
    rows(tmp_path)
    barely = replace(separator.FURTHER, samples=8, batch=4, rounds=1, rate=1e-9, half=False, workers=0)
    recipe = separator.further(separator.Recipe(corpus, tmp_path, tmp_path / "cache", band=0, voices=0))
    network, _ = separator.train(replace(recipe, schedule=barely))
    shipped = MaskNet()
    weights.fill(shipped, "separator", "unet")
    for one, other in zip(network.parameters(), shipped.parameters(), strict=True):
        torch.testing.assert_close(one, other, atol=1e-5, rtol=1e-4)
