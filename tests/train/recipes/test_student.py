"""The student recipe: its teachers hold out the same fold, and members with other stages or settings are rejected."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest
import torch
from typer.testing import CliRunner

from gender_audio import weights
from gender_audio.systems.ensemble import Ensemble
from train.__main__ import app
from train.data.library import Library
from train.data.splits import SplitError
from train.engine.schedule import Schedule
from train.recipes import distillation, singing, student
from train.recipes.distillation import DistillationDataset, teacher_probabilities

pytestmark = pytest.mark.training

SHORT = Schedule(samples=16, batch=8, rate=1e-3, rounds=2, half=False, workers=0)
Stages = Callable[..., None]


@pytest.fixture
def stages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stages:
    """Returns a function that writes the stages of the singing weights of the test."""
    folder = tmp_path / "weights"
    shutil.copytree(weights.FOLDER / "singing", folder / "singing")
    current = weights.card("singing")
    for function in (weights.card, weights.fill, weights.save, weights.fingerprint):
        monkeypatch.setattr(function, "__defaults__", (folder,))

    def write(*card_stages: weights.Stage) -> None:
        card = {**asdict(current), "stages": [asdict(stage) for stage in card_stages]}
        (folder / "singing" / "card.json").write_text(json.dumps(card))

    return write


@pytest.fixture
def recipe(corpus: Path, tmp_path: Path) -> student.Recipe:
    teachers = singing.Recipe(
        corpus, tmp_path / "cache", "mixture", "none", remixes=24, n_midi=0, n_mbrola=0, calibration_remixes=24
    )
    return student.Recipe(teachers, SHORT)


@pytest.mark.usefixtures("one_process")
def test_student_is_trained_and_exported(recipe: student.Recipe, tmp_path: Path, stages: Stages) -> None:
    stages(recipe.teachers.stage("train"))
    network = student.train(recipe)
    student.export(network, recipe, "as typed", tmp_path / "weights")
    card = weights.card("student", tmp_path / "weights")
    (stage,) = card.stages
    assert (stage.kind, stage.command, stage.settings["samples"]) == ("distil", "as typed", 16)
    assert stage.settings["teachers"] == weights.fingerprint("singing")
    assert list(card.files) == ["student.safetensors"]
    untrained = singing.ResNet34(1, singing.WIDTH)
    teacher = Ensemble.load().members[0]
    for other in (untrained, teacher):
        pairs = zip(network.parameters(), other.parameters(), strict=True)
        assert any(not torch.equal(one, two) for one, two in pairs)


@pytest.mark.usefixtures("one_process")
def test_teachers_hold_out_the_fold_of_the_student(recipe: student.Recipe, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(distillation, "BLOCK", 10)  # the last block is a partial one
    bag = recipe.teachers.bag(1)
    targets = teacher_probabilities(bag.remixes, recipe.teachers.cache_config.folder, fold=1)
    teachers = [member for member in range(20) if recipe.teachers.bag(member).fold == bag.fold]
    assert len(teachers) == 4 and 1 in teachers
    assert all(recipe.teachers.bag(member).singers == bag.singers for member in teachers)
    expected = Ensemble.load()(bag.remixes.load(slice(None))).softmax(-1)[teachers].mean(0)
    np.testing.assert_allclose(targets, expected, atol=1e-5)
    dataset = DistillationDataset(bag, targets)
    for number in range(3):
        features, target = dataset[number]
        torch.testing.assert_close(features, bag.remixes.load(bag.row(number)))
        np.testing.assert_array_equal(target, targets[bag.row(number)])
        assert not bag.held_out[bag.row(number)]


def test_members_with_several_stages_are_rejected(recipe: student.Recipe, stages: Stages) -> None:
    first = recipe.teachers.stage("as typed")
    for kind in ("continue", "calibrate", "refit"):
        stages(first, replace(first, kind=kind))
        with pytest.raises(SplitError, match=f"train, {kind}"):
            recipe.check()
    stages(first)
    recipe.check()


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"seed": 1}, "seed"),
        ({"splits": ("train", "val")}, "splits"),
        ({"settings": {"inputs": "vocals"}}, "inputs"),
        ({"settings": {"separator_fingerprint": "another"}}, "separator_fingerprint"),
        ({"settings": {"remixes": 25}}, "remixes"),
        ({"settings": {"include_val": True}}, "include_val"),
        ({"settings": {"corpora": "another"}}, "corpora"),
        ({"settings": {"source": "mine"}}, "source"),
    ],
)
def test_members_with_other_settings_are_rejected(
    recipe: student.Recipe, stages: Stages, changes: dict[str, object], name: str
) -> None:
    stage = recipe.teachers.stage("as typed")
    settings = {**stage.settings, **changes.pop("settings", {})}  # type: ignore[dict-item]
    stages(replace(stage, settings=settings, **changes))
    with pytest.raises(SplitError, match=rf"other settings: {name} ") as error:
        recipe.check()
    assert weights.VARIABLE in str(error.value)


def test_command_does_not_matter_for_teachers(recipe: student.Recipe, stages: Stages) -> None:
    stages(recipe.teachers.stage("another command"))
    recipe.check()


def test_student_command_rejects_shipped_members_before_it_decodes(
    corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Library, "open", lambda *_: pytest.fail("too late"))
    result = CliRunner().invoke(app, ["student", "--data", str(corpus), "--cache", str(tmp_path / "cache")])
    assert result.exit_code == 2 and "refit" in result.stderr
    assert not (tmp_path / "cache").exists()
