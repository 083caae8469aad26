"""Which takes are drawn: voices, duets, choirs, songs with a voice."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from train.data.corpus import Source
from train.data.library import Library, Take
from train.data.takes import Takes

RATE = 16_000
POWER = {"duet.ogg": np.ones(100), "song.ogg": np.repeat([1.0, 0.0], 60), "silent.ogg": np.zeros(100)}


def make_library(*rows: tuple[str, str, str, str, float]) -> Library:
    """Noise for each row: path, data set and kind, voice, singer, seconds."""
    takes, parts, offset = [], [], 0
    for path, corpus, voice, singer, seconds in rows:
        dataset, kind = corpus.split()
        length = round(seconds * RATE)
        source = Source(path, dataset, kind, voice, singer, "", "train")
        takes.append(Take(source, 1.0, offset, length))
        parts.append((1e4 * np.random.default_rng(offset).uniform(-1, 1, length)).astype(np.int16))
        offset += length
    return Library(takes, np.concatenate(parts), {path: POWER[path] for path, *_ in rows if path in POWER})


def singers(dataset: str, voice: str, count: int, seconds: float = 20.0) -> list[tuple[str, str, str, str, float]]:
    name = f"{dataset}-{voice}"
    return [(f"{name}{n}.ogg", f"{dataset} singing", voice, f"{name}{n}", seconds) for n in range(count)]


def test_corpora_weigh_as_much_as_the_root_of_their_singers() -> None:
    takes = Takes(
        make_library(*singers("big", "male", 4), *singers("one", "male", 1), *singers("short", "male", 1, 5.0))
    )
    rng = np.random.default_rng(0)
    drawn = Counter(takes.voice(rng, "singing", "male")[0].source.dataset for _ in range(3_500))
    assert [drawn[name] / 1_000 for name in ("big", "one", "short")] == pytest.approx([2, 1, 0.5], abs=0.12)


def test_other_singer_has_the_same_voice_half_of_the_time() -> None:
    takes = Takes(make_library(*singers("big", "male", 6, 4.0), *singers("big", "female", 2, 4.0)))
    rng = np.random.default_rng(0)
    first, _ = takes.voice(rng, "singing", "male")
    others = [takes.other_singer(rng, first)[0].source for _ in range(400)]
    assert first.source.singer_id not in {other.singer_id for other in others}
    assert np.mean([other.voice == "male" for other in others]) == pytest.approx(0.5, abs=0.08)


def test_other_singer_is_of_another_group() -> None:
    rows = singers("named", "female", 1, 4.0)
    rows += [(f"{n}.ogg", "crowd singing", "male", f"crowd:Tenor-{n}?", 4.0) for n in range(3)]
    takes = Takes(make_library(*rows))
    rng = np.random.default_rng(0)
    for first in takes.library.takes[1:]:
        assert {takes.other_singer(rng, first)[0].source.dataset for _ in range(20)} == {"named"}


def test_choir_singers_sing_the_same_moment() -> None:
    takes = Takes(make_library(*singers("choral", "male", 2, 9.0), *singers("big", "female", 2, 4.0)))
    rng = np.random.default_rng(0)
    assert takes.has_choir and not Takes(make_library(*singers("big", "male", 2))).has_choir
    first, start = takes.choir_singer(rng)
    neighbour = takes.same_moment(rng, first, start)
    assert neighbour and neighbour[1] == start and neighbour[0].source.singer_id != first.source.singer_id
    assert takes.same_moment(rng, first, 7 * RATE) is None, "nobody sings for three seconds from there"


def test_songs_are_drawn_where_their_voice_is_heard() -> None:
    takes = Takes(
        make_library(
            ("song.ogg", "pop song", "female", "pop:Ann", 12.0),
            ("silent.ogg", "pop song", "female", "pop:Bea", 10.0),
            ("duet.ogg", "pop song", "multiple", "pop:Duo", 10.0),
            ("still.ogg", "pop song", "none", "pop:Quiet", 10.0),
            ("choir.ogg", "new singing", "multiple", "", 10.0),
        )
    )
    rng = np.random.default_rng(0)
    assert {label: set(artists) for label, artists in takes.songs.items()} == {
        "female": {"pop:Ann"}, "multiple": {"pop:Duo", "choir.ogg"}, "none": {"pop:Quiet"}
    }  # fmt: skip
    starts = [takes.song(rng, "female")[1] for _ in range(50)]
    assert max(starts) <= 3.9 * RATE and len(set(starts)) > 5


def test_equal_accompaniments_ignore_the_weights() -> None:
    rows = [("a.ogg", "mir1k accompaniment", "none", "", 4.0), ("b.ogg", "oboe accompaniment", "none", "", 4.0)]
    takes = Takes(make_library(*rows))
    rng = np.random.default_rng(0)
    shares = [
        np.mean([takes.accompaniment(rng, equal)[0].source.dataset == "oboe" for _ in range(700)])
        for equal in (False, True)
    ]
    assert shares == pytest.approx([1 / 7, 1 / 2], abs=0.06)
