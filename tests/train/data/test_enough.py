"""Recordings that some remix could not be drawn from are refused in words, before any is decoded."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from train.data import enough
from train.data.library import Library, Source, sources
from train.data.remix import Remixer
from train.data.remix_cache import RemixCacheConfig, build_cache
from train.data.remix_config import RemixConfig
from train.data.validation import LayoutError
from train.recipes import separator, singing, student

Keep = Callable[[Source], bool]
VOICES = ("male", "female")


def run(step: str, data: Path, cache: Path) -> None:
    """Begin what remixes are made for."""
    recipe = singing.Recipe(data, cache, "mixture", "none", remixes=8, n_mbrola=0, n_midi=1)
    if step == "separator":
        separator.train(separator.Recipe(data, data, cache, n_mbrola=0, n_midi=0))
    elif step == "singing":
        singing.train(recipe, members=1)
    elif step == "student":
        student.train(recipe)
    else:
        build_cache(replace(recipe.plan, n_midi=0), processes=1)


@pytest.mark.parametrize("step", ["separator", "singing", "student", "pack"])
def test_what_is_lacking_is_said_before_anything_is_decoded(
    corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    monkeypatch.setattr(Library, "open", lambda *_: pytest.fail("too late"))
    monkeypatch.setattr(separator, "load_protocol", lambda *_: [])
    text = (corpus / "manifest.csv").read_text().splitlines(keepends=True)
    for path in corpus.glob("*.ogg"):
        (tmp_path / path.name).symlink_to(path)
    (tmp_path / "manifest.csv").write_text("".join(line for line in text if "accompaniment" not in line))
    with pytest.raises(LayoutError, match=r"^manifest\.csv: there is no accompaniment to learn from\.$"):
        run(step, tmp_path, tmp_path / "cache")


@pytest.mark.parametrize(
    ("keep", "said"),
    [
        (lambda source: source.kind != "speech", ["no male speech", "no female speech"]),
        (lambda source: (source.kind, source.voice) != ("singing", "female"), ["no female singing"]),
        (lambda source: (source.kind, source.voice) != ("speech", "male"), ["no male speech", "all speech"]),
        (lambda source: False, ["no accompaniment", *(f"no {v} {k}" for k in ("singing", "speech") for v in VOICES)]),
    ],
)
def test_all_that_is_lacking_is_listed(corpus: Path, keep: Keep, said: list[str]) -> None:
    with pytest.raises(LayoutError) as refused:
        enough.check([source for source in sources(corpus, "train") if keep(source)])
    lines = str(refused.value).splitlines()
    assert len(lines) == len(said) and all(words in line for words, line in zip(said, lines, strict=True))


def test_two_voices_of_one_person_are_not_two_people(corpus: Path) -> None:
    heard = sources(corpus, "train")
    enough.check(heard)
    with pytest.raises(LayoutError, match="all singing to learn from has the same singer_id"):
        enough.check([replace(one, singer_id="same") if one.kind == "singing" else one for one in heard])


def test_whoever_sings_alone_in_a_choir_is_joined_by_others(corpus: Path, tmp_path: Path) -> None:
    heard = [one for one in sources(corpus, "train") if (one.dataset, one.voice) != ("choral", "male")]
    remixer = Remixer(Library.open(corpus, heard, tmp_path), RemixConfig(spoken=0, same_recording=1))
    drawn = [remixer.draw(np.random.default_rng(seed), "multiple") for seed in range(20)]
    assert any("train-3" in remix.singers for remix in drawn)
    assert all(len(remix.singers) == 2 for remix in drawn)


@pytest.mark.usefixtures("one_process")
def test_long_names_of_singers_are_kept_whole(corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = RemixCacheConfig.sources.fget
    longer = property(lambda plan: [replace(one, singer_id=60 * "x" + one.singer_id) for one in own(plan)])
    monkeypatch.setattr(RemixCacheConfig, "sources", longer)
    recipe = singing.Recipe(corpus, tmp_path, "mixture", "none", remixes=12, n_midi=0, n_mbrola=0, n_psola=0)
    heard = set(build_cache(recipe.plan, processes=1).singers.ravel()) - {""}
    assert heard and heard <= set(recipe.strata)
