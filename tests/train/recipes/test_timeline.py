"""The songs of the timeline."""

from __future__ import annotations

from pathlib import Path

import pytest

from gender_audio import weights
from gender_audio.systems.labels import SINGING
from gender_audio.systems.timeline import HEARD
from train.recipes.timeline import Recipe


@pytest.mark.skipif(
    not all((weights.FOLDER / name).exists() for name in HEARD), reason="the weights of the singing system are missing"
)
def test_test_songs_are_drawn_anew(tmp_path: Path) -> None:
    recipe = Recipe(tmp_path, tmp_path)
    training, test = recipe.training_set, recipe.test_set
    assert training.seed != test.seed
    assert not set(training.splits) & set(test.splits)
    assert training.exclude == frozenset(weights.card(SINGING.name).folds)
