"""The separator recipe on a small corpus."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.train.conftest import write_validation_rows
from train.data.remix_cache import RemixFeatures
from train.evaluation import ablation
from train.recipes import separator

pytestmark = pytest.mark.training


def test_separator_is_trained_on_remixes(corpus: Path, tmp_path: Path) -> None:
    write_validation_rows(tmp_path)
    schedule = replace(separator.SCHEDULE, samples=16, batch=4, rounds=2, half=False, workers=0)
    recipe = separator.Recipe(corpus, tmp_path, tmp_path / "cache", schedule=schedule, n_midi=1, n_mbrola=0)
    network, metrics = separator.train(recipe)
    assert {"sung", "instrumental", "sung male"} <= set(metrics)
    assert all(np.isfinite(value) for value in metrics.values())
    assert not network.training


def test_run_depends_on_validation_rows(corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    runs: list[Path] = []
    for recipe in (separator, ablation):
        monkeypatch.setattr(recipe, "fit", lambda *given: runs.append(given[-2]))
    nothing = RemixFeatures(np.empty(0), np.empty(0), np.empty(0))
    monkeypatch.setattr(ablation, "load_features", lambda config, inputs: nothing)
    write_validation_rows(tmp_path)
    for _ in range(2):
        separator.train(separator.Recipe(corpus, tmp_path, tmp_path, n_midi=0, n_mbrola=0))
        ablation.train_variant(
            ablation.AblationConfig(corpus, tmp_path, tmp_path), ablation.Variant("none", "mixture"), 0
        )
        file = tmp_path / "remix_val.csv"
        file.write_text("".join(file.read_text().splitlines(keepends=True)[:-1]))
    assert len(set(runs)) == len(runs) == 4
