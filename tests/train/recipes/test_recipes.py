"""The recipes on a small corpus: they run, learn and remember."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from gender_audio import weights
from gender_audio.models.unet import MaskNet
from gender_audio.systems.labels import SINGING
from tests.train.conftest import rows
from train.data.remix_cache import RemixFeatures, build_cache
from train.evaluation import ablation
from train.recipes import separator, singing, student
from train.recipes.distillation import DistillationDataset


def test_members_are_packed_trained_and_scored(corpus: Path, tmp_path: Path) -> None:
    schedule = replace(singing.SCHEDULE, samples=32, batch=8, rounds=2, half=False)
    plain = singing.Recipe(corpus, tmp_path / "cache", "mixture", "none", remixes=24, n_midi=1, n_mbrola=0)
    recipe = replace(plain, schedule=schedule)
    remixes = build_cache(recipe.plan, processes=1)
    assert remixes.features.shape == (24, 1, singing.FEATURE.frames, singing.FEATURE.bands)
    assert set(remixes.labels.tolist()) <= {0, 1, 2, 3}
    voices = (remixes.singers != "").sum(1)
    alone = remixes.labels != SINGING.labels.index("multiple")  # who sings in harmony with themselves has one name
    np.testing.assert_array_equal(voices[alone], np.array([0, 1, 1])[remixes.labels[alone]])
    assert (voices[~alone] >= 1).all()
    np.testing.assert_array_equal(build_cache(recipe.plan, processes=1).features, remixes.features)
    ensemble = singing.train(recipe, members=2)
    heard, said = recipe.bag(0).held_out_sample(singing.STRANGERS)
    assert len(heard) == len(said) > 0
    assert ensemble(heard).shape == (2, len(heard), 4)


@pytest.mark.usefixtures("one_process")
def test_everyone_means_the_singers_of_val_but_neither_its_speakers_nor_its_accompaniments(
    corpus: Path, tmp_path: Path
) -> None:
    recipe = singing.Recipe(
        corpus, tmp_path / "cache", inputs="mixture", separator="none", remixes=60, n_midi=0, n_mbrola=0
    )
    everyone = replace(recipe, include_val=True)
    assert {source.split for source in recipe.plan.sources} == {"train"}
    more = [source for source in everyone.plan.sources if source.split == "val"]
    assert {(source.dataset, source.kind) for source in more} == {("mir1k", "singing"), ("choral", "singing")}
    singers = {source.singer_id for source in more}
    assert set(everyone.strata) - set(recipe.strata) == singers
    assert everyone.run(0) != recipe.run(0)
    heard = set(build_cache(everyone.plan, processes=1).singers.ravel())
    assert heard & singers and heard <= set(everyone.strata) | {""}


@pytest.mark.usefixtures("one_process")
def test_the_student_learns_what_its_teachers_say(
    corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(singing, "FURTHER_REMIXES", 24)
    monkeypatch.setattr(student, "SCHEDULE", replace(student.SCHEDULE, samples=16, batch=8, rounds=2, half=False))
    plain = singing.Recipe(corpus, tmp_path / "cache", "mixture", "none", n_midi=0, n_mbrola=0, calibrating=24)
    recipe = student.taught(plain)
    bag = recipe.bag(student.FIRST)
    assert isinstance(recipe.lessons(bag), DistillationDataset)
    assert not bag.held_out[bag.rows].any(), "it is chosen and calibrated on what it did not learn"
    student.ship(student.train(recipe), recipe, "a command", tmp_path / "weights")
    assert [path.name for path in (tmp_path / "weights" / "student").glob("*.safetensors")] == ["student.safetensors"]
    assert any(recipe.run(student.FIRST).iterdir())


def test_runs_that_were_chosen_on_other_rows_are_other_runs(
    corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs: list[Path] = []
    for recipe in (separator, ablation):
        monkeypatch.setattr(recipe, "fit", lambda *given: runs.append(given[-2]))
    nothing = RemixFeatures(np.empty(0), np.empty(0), np.empty(0))
    monkeypatch.setattr(ablation, "load_features", lambda plan, inputs: nothing)
    rows(tmp_path)
    for _ in range(2):
        separator.train(separator.Recipe(corpus, tmp_path, tmp_path, n_midi=0, n_mbrola=0))
        ablation.train_variant(
            ablation.AblationConfig(corpus, tmp_path, tmp_path), ablation.Variant("none", "mixture"), 0
        )
        file = tmp_path / "remix_val.csv"
        file.write_text("".join(file.read_text().splitlines(keepends=True)[:-1]))
    assert len(set(runs)) == len(runs) == 4


def test_the_separator_learns_on_remixes(corpus: Path, tmp_path: Path) -> None:
    rows(tmp_path)
    schedule = replace(separator.SCHEDULE, samples=16, batch=4, rounds=2, half=False, workers=0)
    recipe = separator.Recipe(corpus, tmp_path, tmp_path / "cache", schedule=schedule, n_midi=1, n_mbrola=0)
    network, metrics = separator.train(recipe)
    assert {"sung", "instrumental", "sung male"} <= set(metrics)
    assert all(np.isfinite(value) for value in metrics.values())
    assert not network.training


def test_the_separator_goes_on_from_the_shipped_weights(corpus: Path, tmp_path: Path) -> None:
    rows(tmp_path)
    barely = replace(separator.FURTHER, samples=8, batch=4, rounds=1, rate=1e-9, half=False, workers=0)
    recipe = separator.further(separator.Recipe(corpus, tmp_path, tmp_path / "cache", n_midi=0, n_mbrola=0))
    network, _ = separator.train(replace(recipe, schedule=barely))
    shipped = MaskNet()
    weights.fill(shipped, "separator", "unet")
    for one, other in zip(network.parameters(), shipped.parameters(), strict=True):
        torch.testing.assert_close(one, other, atol=1e-5, rtol=1e-4)
