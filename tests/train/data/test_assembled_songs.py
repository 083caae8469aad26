"""Songs with known truth."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from gender_audio.systems.labels import SINGING
from train.data.assembled_songs import STEP, SongAssembler, audible, frame_labels, song_label
from train.data.validation import LayoutError

NONE, MALE, FEMALE, MULTIPLE = range(4)


def test_songs_have_their_labels_and_a_peak(corpus: Path) -> None:
    assembler = SongAssembler(corpus, ("train", "val"))
    songs = [assembler.draw(np.random.default_rng(seed)) for seed in range(12)]
    assert {song.label for song in songs} == set(SINGING.labels)
    for song in songs:
        assert len(song.samples) == STEP * len(song.labels)
        assert np.abs(song.samples).max() == pytest.approx(0.9, abs=1e-5)
        assert len(song.singers) == len(set(song.singers)) == {"none": 0, "multiple": 2}.get(song.label, 1)
        allowed = {"none": {NONE}, "male": {NONE, MALE}, "female": {NONE, FEMALE}}.get(song.label, set(range(4)))
        assert set(song.labels.tolist()) <= allowed


def test_the_same_seed_gives_the_same_song(corpus: Path) -> None:
    first, second = (SongAssembler(corpus, ("train",)).draw(np.random.default_rng(5)) for _ in range(2))
    np.testing.assert_array_equal(first.samples, second.samples)


def test_excluded_singers_do_not_sing(corpus: Path) -> None:
    assembler = SongAssembler(corpus, ("train", "val"), {"train-0"})
    singers = {singer for seed in range(30) for singer in assembler.draw(np.random.default_rng(seed)).singers}
    assert "val-0" in singers and "train-0" not in singers


def test_missing_singers_are_named(corpus: Path) -> None:
    with pytest.raises(LayoutError, match="male solo"):
        SongAssembler(corpus, ("train",), {"train-0"})


def test_short_pauses_belong_to_the_phrase() -> None:
    stem = np.random.default_rng(0).normal(0, 0.1, 100 * STEP)
    stem[20 * STEP : 30 * STEP] = 0
    stem[50 * STEP : 80 * STEP] = 0
    heard = audible(stem)
    assert heard[:50].all() and heard[80:].all() and not heard[50:80].any()
    assert not audible(np.zeros(10 * STEP)).any()


def test_labels_follow_from_who_is_heard() -> None:
    heard = np.array([[True, True, False, False], [False, True, True, False]])
    assert frame_labels(heard, ("male", "female")).tolist() == [MALE, MULTIPLE, FEMALE, NONE]
    assert song_label(heard, ("male", "female")) == "multiple"
    assert song_label(np.array([[True], [False]]), ("male", "female")) == "male"
    assert song_label(np.zeros((0, 4), bool), ()) == "none"
