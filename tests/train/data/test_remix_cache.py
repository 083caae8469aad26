"""The cache of remix features: its key, its content and how samples are loaded from it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from train.data.remix_cache import RemixCacheConfig, build_cache
from train.recipes import singing


@pytest.mark.usefixtures("one_process")
def test_build_cache_keeps_long_singer_names(corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    original = RemixCacheConfig.sources.fget
    longer = property(lambda config: [replace(one, singer_id=60 * "x" + one.singer_id) for one in original(config)])
    monkeypatch.setattr(RemixCacheConfig, "sources", longer)
    recipe = singing.Recipe(corpus, tmp_path, "mixture", "none", remixes=12, n_midi=0, n_mbrola=0, n_psola=0)
    singers = set(build_cache(recipe.cache_config, processes=1).singers.ravel()) - {""}
    assert singers and singers <= set(recipe.strata)
