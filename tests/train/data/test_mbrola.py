"""Synthesised singers stay in their range, and missing packages are reported."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from librosa import midi_to_hz, yin

from train.data.corpus import mbrola_sources
from train.data.folds import assign_folds
from train.data.synthesis import mbrola
from train.data.synthesis.mbrola import LENGTH_S, MAX_POINTS, RANGES, VOICES, Phoneme
from train.data.validation import LayoutError

NUMBERS = st.integers(0, 10_000)
SPOKEN = [Phoneme("m", 70, False), Phoneme("a", 90, True), Phoneme("_", 500, False), Phoneme("s", 400, False)] * 60


def test_mbrola_sources_use_all_voices() -> None:
    sung = mbrola_sources(2 * len(VOICES))
    assert len({source.singer_id for source in sung}) == len(VOICES)
    assert {source.kind for source in sung} == {"singing"} and {source.split for source in sung} == {"train"}
    assert [source.voice for source in sung] == [mbrola.voice_of(int(source.path))[1] for source in sung]
    assert not set(mbrola.FEMALE.split()) & set(mbrola.MALE.split())


def test_mbrola_singers_do_not_change_folds_of_others() -> None:
    recorded = {f"{name}:{n}": f"{name} {voice}" for name in ("mir1k", "ravdess") for voice in RANGES for n in range(9)}
    strata = {source.singer_id: f"{source.dataset} {source.voice}" for source in mbrola_sources(len(VOICES))}
    folds = assign_folds({**recorded, **strata}, seed=2)
    assert {singer: folds[singer] for singer in recorded} == assign_folds(recorded, seed=2)


@settings(deadline=None)
@given(NUMBERS, st.sampled_from(sorted(RANGES)))
def test_melody_stays_in_range(number: int, voice: str) -> None:
    lowest, highest = RANGES[voice]
    notes = list(islice(mbrola.melody(np.random.default_rng(number), lowest, highest), 200))
    assert all(lowest < note < highest and beats > 0 for note, beats in notes)
    assert len({note for note, _ in notes}) > 3
    assert np.ptp([note for note, _ in notes]) <= 16


@settings(deadline=None)
@given(NUMBERS)
def test_mbrola_lines_put_notes_on_vowels(number: int) -> None:
    lines = list(mbrola.mbrola_lines(np.random.default_rng(number), SPOKEN, iter([(60.0, 1.0), (62.0, 2.0)] * 60)))
    fields = [line.split() for line in lines]
    lengths = [int(field[1]) for field in fields]
    assert 0.9 * LENGTH_S < sum(lengths) / 1000 < LENGTH_S + 3.5
    assert all(length <= 300 for length, field in zip(lengths, fields, strict=True) if field[0] != "a")
    for field in fields:
        at, hertz = np.array(field[2::2], float), np.array(field[3::2], float)
        assert len(at) == len(hertz) and (len(at) > 0) == (field[0] == "a") and len(at) <= MAX_POINTS + 1
        assert (np.diff(at) > 0).all() and (at <= 100).all()
        assert (np.abs(12 * np.log2(hertz / 440) + 8) < 3).all(), "around the notes 60 and 62"


def test_random_words_use_the_script_of_the_language() -> None:
    rng = np.random.default_rng(0)
    assert mbrola.random_words(rng, "us1").replace(" ", "").isascii()
    assert set(mbrola.random_words(rng, "jp2")) <= {*mbrola.SCRIPTS["jp"][0], " "}
    assert len(mbrola.random_words(rng, "gr2").split()) == 40


def test_phonemes_with_pitch_contour_are_vowels(monkeypatch: pytest.MonkeyPatch) -> None:
    spelled = "m\t65\na\t90\t 0 179 50 180 100 191\nN\t80\t100 131\n\n_\t150\n"
    monkeypatch.setattr(mbrola, "_run", lambda command, given: spelled)
    assert mbrola.phonemes("us1", "ma") == [
        Phoneme("m", 65, False), Phoneme("a", 90, True), Phoneme("N", 80, False), Phoneme("_", 150, False)
    ]  # fmt: skip


def test_sing_reports_missing_packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mbrola, "VOICE_FOLDER", tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(LayoutError, match=r"mbrola and espeak-ng and mbrola-br2 missing: on Debian"):
        mbrola.sing(0)


def test_sing_stays_in_range() -> None:
    number = list(VOICES).index("us2")
    try:
        sung, rate = mbrola.sing(number)
    except LayoutError as error:
        pytest.skip(str(error))
    assert sung.shape[1] == 1 and LENGTH_S - 1 < len(sung) / rate < LENGTH_S + 4
    np.testing.assert_array_equal(sung, mbrola.sing(number)[0])
    pitch = yin(sung[:, 0], fmin=60, fmax=1000, sr=rate)
    lowest, highest = midi_to_hz(RANGES["male"])
    assert np.mean((pitch > 0.94 * lowest) & (pitch < 1.06 * highest)) > 0.8
