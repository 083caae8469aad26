"""The singing recipe on a small corpus: training, held-out singers and provenance."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from gender_audio import weights
from gender_audio.separation import separator_fingerprint
from gender_audio.systems.ensemble import Ensemble
from gender_audio.systems.labels import SINGING
from train.data.folds import member_seed
from train.data.remix_cache import build_cache
from train.recipes import singing

pytestmark = pytest.mark.training


def mixture_recipe(corpus: Path, cache: Path, **changes: object) -> singing.Recipe:
    settings = {"remixes": 24, "n_midi": 0, "n_mbrola": 0, "calibration_remixes": 24, **changes}
    return singing.Recipe(corpus, cache, "mixture", "none", **settings)


def test_members_are_trained_and_predict(corpus: Path, tmp_path: Path) -> None:
    schedule = replace(singing.SCHEDULE, samples=32, batch=8, rounds=2, half=False)
    recipe = mixture_recipe(corpus, tmp_path / "cache", n_midi=1, schedule=schedule, members=2)
    remixes = build_cache(recipe.cache_config, processes=1)
    assert remixes.features.shape == (24, 1, singing.FEATURE.frames, singing.FEATURE.bands)
    assert set(remixes.labels.tolist()) <= {0, 1, 2, 3}
    voices = (remixes.singers != "").sum(1)
    single = remixes.labels != SINGING.labels.index("multiple")  # one singer can sing several voices in harmony
    np.testing.assert_array_equal(voices[single], np.array([0, 1, 1])[remixes.labels[single]])
    assert (voices[~single] >= 1).all()
    np.testing.assert_array_equal(build_cache(recipe.cache_config, processes=1).features, remixes.features)
    ensemble = singing.train(recipe)
    features, labels = recipe.bag(0).held_out_sample(singing.VALIDATION_REMIXES)
    assert len(features) == len(labels) > 0
    assert ensemble(features).shape == (2, len(features), 4)
    record = singing.training_record(recipe, ensemble)
    assert [len(curve) for curve in record["curves"]] == [2, 2]


@pytest.mark.usefixtures("one_process")
def test_include_val_adds_singers_but_no_speakers_or_accompaniments(corpus: Path, tmp_path: Path) -> None:
    recipe = mixture_recipe(corpus, tmp_path / "cache", remixes=60)
    with_val = replace(recipe, include_val=True)
    assert {source.split for source in recipe.cache_config.sources} == {"train"}
    added = [source for source in with_val.cache_config.sources if source.split == "val"]
    assert {(source.dataset, source.kind) for source in added} == {("mir1k", "singing"), ("choral", "singing")}
    singers = {source.singer_id for source in added}
    assert set(with_val.strata) - set(recipe.strata) == singers
    assert with_val.run(0) != recipe.run(0)
    in_remixes = set(build_cache(with_val.cache_config, processes=1).singers.ravel())
    assert in_remixes & singers and in_remixes <= set(with_val.strata) | {""}


@pytest.mark.usefixtures("one_process")
def test_calibration_uses_other_remixes_than_training(corpus: Path, tmp_path: Path) -> None:
    recipe = mixture_recipe(corpus, tmp_path / "cache")
    training, calibration = recipe.features(), recipe.for_calibration.features()
    assert recipe.for_calibration.cache_config.remix != recipe.cache_config.remix
    assert (training.singers != calibration.singers).any()
    bags = [recipe.for_calibration.bag(member) for member in range(3)]
    assert [bag.seed for bag in bags] == [member_seed(recipe.seed, member) for member in range(3)]


@pytest.mark.usefixtures("one_process")
def test_exported_card_describes_one_train_stage(corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    saved: list[weights.Card] = []
    monkeypatch.setattr(weights, "save", lambda networks, card: saved.append(card))
    recipe = singing.Recipe(corpus, tmp_path / "cache", n_midi=0, n_mbrola=0, n_psola=0, calibration_remixes=24)
    singing.export(Ensemble.load(), recipe, "as typed")
    (card,) = saved
    (stage,) = card.stages
    assert (stage.kind, stage.command, stage.seed, stage.splits) == ("train", "as typed", 0, ("train",))
    assert stage.settings["separator_fingerprint"] == card.separator == separator_fingerprint("unet")
    assert stage.settings["members"] == 20
    assert 0 < card.calibration["threshold"] <= 1
    assert {"mir1k", "librispeech"} <= set(card.data)
