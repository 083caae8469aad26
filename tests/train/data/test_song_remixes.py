"""Remixes with songs as they are, below a voice and under a soloist; single recordings, and singers in turns."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from train.data import effects
from train.data.corpus import Source, read_sources
from train.data.library import Library, Take
from train.data.remix import LENGTH
from train.data.remix_config import RemixConfig
from train.data.remixer import Remixer

NEVER = RemixConfig(random_eq=0, noise=0, noise_only=0)


@pytest.fixture(scope="module")
def library(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Library:
    return Library.open(corpus, read_sources(corpus, "train"), tmp_path_factory.mktemp("cache"))


@pytest.fixture(scope="module")
def song_library(library: Library) -> Library:
    """The library with songs of a man, of a woman, of two and of nobody; each is one tone."""
    takes, parts, offset = [], [], len(library.samples)
    for hertz, voice in ((300, "male"), (600, "female"), (900, "multiple"), (1_200, "none")):
        source = Source(f"{voice}.ogg", "pop", "song", voice, f"pop:{voice}", "", "train")
        takes.append(Take(source, 1.0, offset, 5 * LENGTH // 3))
        parts.append((8_000 * np.sin(2 * np.pi * hertz * np.arange(takes[-1].length) / 16_000)).astype(np.int16))
        offset += takes[-1].length
    powers = {take.source.path: np.full(50, 0.01, np.float32) for take in takes[:3]}
    return Library([*library.takes, *takes], np.concatenate([library.samples, *parts]), powers)


def pitch(samples: np.ndarray) -> float:
    """The strongest frequency, in Hz."""
    return float(np.abs(np.fft.rfft(samples)).argmax() / len(samples) * 16_000)


@pytest.mark.parametrize(("label", "hertz"), [("male", 300), ("female", 600), ("none", 1_200)])
def test_song_is_rendered_as_it_is(song_library: Library, label: str, hertz: float) -> None:
    remixer = Remixer(song_library, replace(NEVER, song=1))
    remix = remixer.draw(np.random.default_rng(0), label)
    assert (remix.label, remix.kind, remix.singers) == (label, "song", (f"pop:{label}",))
    assert np.abs(remix.mixture).max() == pytest.approx(0.9, abs=1e-3) and pitch(remix.mixture) == hertz
    vocals = remix.accompaniment if label == "none" else remix.vocals
    np.testing.assert_array_equal(vocals, remix.mixture)


def test_song_of_several_voices_is_joined_by_a_soloist_or_as_it_is(song_library: Library) -> None:
    remixer = Remixer(song_library, replace(NEVER, song=1))
    remixes = [remixer.draw(np.random.default_rng(seed), "multiple") for seed in range(40)]
    assert {remix.kind for remix in remixes} == {"song"}
    joined = [remix for remix in remixes if len(remix.singers) == 2]
    assert 25 < len(joined) < 40
    assert {remix.singers for remix in remixes if remix not in joined} == {("pop:multiple",)}
    assert {remix.singers[0] for remix in joined} == {"pop:male", "pop:female"}
    assert all(remix.singers[1].startswith("train-") for remix in joined)


def test_songs_need_songs(library: Library) -> None:
    remixer = Remixer(library, replace(NEVER, song=1, over_song=1))
    assert "song" not in {remixer.draw(np.random.default_rng(seed)).kind for seed in range(12)}


def test_song_below_a_voice_always_gets_a_band_and_a_codec(
    song_library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    applied: list[str] = []
    for name in ("bandwidth", "codec"):
        original = getattr(effects, name)
        monkeypatch.setattr(effects, name, lambda *given, name=name, run=original: applied.append(name) or run(*given))
    remixer = Remixer(song_library, replace(NEVER, over_song=1, spoken=0))
    kinds = [remixer.draw(np.random.default_rng(seed), "male").kind for seed in range(10)]
    assert applied == ["bandwidth", "codec"] * kinds.count("sung") and 0 < kinds.count("sung") < 10
    applied.clear()
    Remixer(song_library, replace(NEVER, song=1)).draw(np.random.default_rng(0), "male")
    assert not applied


def test_alone_means_one_recording(library: Library) -> None:
    config = replace(NEVER, alone=1, second_accompaniment=1)
    remixes = [Remixer(library, config).draw(np.random.default_rng(seed), "none") for seed in range(10)]
    spectra = [np.abs(np.fft.rfft(remix.mixture)) for remix in remixes]
    assert all(min(one[: 3 * 770].max(), one[3 * 800 : 3 * 1_000].max()) < 0.1 * one.max() for one in spectra)


def test_singers_sing_in_turns(library: Library) -> None:
    config = replace(NEVER, call_and_answer=1, spoken=0, a_cappella=1, same_recording=0)
    remix = Remixer(library, config).draw(np.random.default_rng(1), "multiple")
    together = Remixer(library, replace(config, call_and_answer=0)).draw(np.random.default_rng(1), "multiple")
    assert remix.singers == together.singers and not np.allclose(remix.vocals, together.vocals)
