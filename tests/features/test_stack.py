"""The stack: shapes of system D, independence of level, silent ends."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gender_audio.features.stack import Stack

CONSISTENT, RAW = Stack(), Stack(consistent=False)
RATE = CONSISTENT.rate


def sound(seconds: float, seed: int = 0) -> np.ndarray:
    """A chord that beats twice a second, with noise: float32 [n]."""
    time_s = np.arange(round(seconds * RATE)) / RATE
    chord = sum(np.sin(2 * np.pi * hertz * time_s) for hertz in (220.0, 277.2, 329.6))
    noise = np.random.default_rng(seed).standard_normal(len(time_s))
    return (0.1 * chord * (1.2 + np.sin(4 * np.pi * time_s)) + 0.01 * noise).astype(np.float32)


@pytest.mark.parametrize("feature", [CONSISTENT, RAW])
def test_stack_of_ten_seconds_has_the_shape_of_system_d(feature: Stack) -> None:
    stack = feature(sound(10))
    assert stack.shape == (160, 216) == (feature.rows, feature.frames)
    assert stack.dtype == np.float32 and np.isfinite(stack).all()
    assert [span.stop - span.start for span in feature.blocks.values()] == [128, 20, 12]


def test_stack_of_a_song_has_its_length() -> None:
    assert CONSISTENT(sound(23)).shape == (160, 1 + 23 * RATE // 512)


def test_statistics_have_8704_distinct_values() -> None:
    stack = CONSISTENT(sound(12))
    statistics = CONSISTENT.statistics(stack)
    distinct = CONSISTENT.distinct(statistics)
    assert statistics.shape == (17_088,) and distinct.shape == (8_704,)
    edges = np.cumsum([0, 128, 20, 12, 128**2, 20**2, 12**2])
    for start, end in pairwise(edges):
        assert np.linalg.norm(statistics[start:end]) == pytest.approx(1, abs=1e-5)
    assert set(np.unique(distinct)) == set(np.unique(statistics))
    np.testing.assert_allclose(
        statistics[160 : 160 + 128**2].reshape(128, 128),
        np.cov(stack[:128], bias=True) / np.linalg.norm(np.cov(stack[:128], bias=True)),
        atol=1e-5,
    )


@pytest.mark.parametrize("feature", [CONSISTENT, RAW])
@pytest.mark.parametrize("hertz", [220.0, 1_000.0, 3_000.0])
def test_tone_is_in_its_mel_band_and_chroma(feature: Stack, hertz: float) -> None:
    from librosa import hz_to_mel, hz_to_midi

    tone = np.sin(2 * np.pi * hertz * np.arange(10 * RATE) / RATE).astype(np.float32)
    stack = feature(tone).mean(1)
    band = 129 * hz_to_mel(hertz) / hz_to_mel(RATE / 2) - 1
    assert stack[feature.blocks["mel"]].argmax() == pytest.approx(band, abs=1.5)
    assert stack[feature.blocks["chroma"]].argmax() == round(hz_to_midi(hertz)) % 12


@settings(max_examples=10, deadline=None)
@given(gain_db=st.floats(-50, 20))
def test_consistent_is_independent_of_level(gain_db: float) -> None:
    quiet = sound(10)
    louder = CONSISTENT(quiet * np.float32(10 ** (gain_db / 20)))
    np.testing.assert_allclose(louder, CONSISTENT(quiet), atol=1e-3)
    assert louder[:128].min() >= -2 and louder[:128].max() == pytest.approx(2)


def test_stack_of_silence_is_finite() -> None:
    silence = np.zeros(10 * RATE, np.float32)
    assert (CONSISTENT(silence)[:128] == -2).all()
    assert np.isfinite(RAW(silence)).all()
    assert CONSISTENT.bounds(silence) == (0, len(silence))


def test_bounds_exclude_silent_ends() -> None:
    loud = sound(10)
    start, end = CONSISTENT.bounds(np.pad(loud, RATE * 3))
    assert start == pytest.approx(3 * RATE, abs=2048) and end == pytest.approx(13 * RATE, abs=2048)


def test_cut_repeats_a_short_song() -> None:
    short = sound(3)
    (only,) = CONSISTENT.cut(short)
    np.testing.assert_array_equal(only, np.resize(short, 10 * RATE))
    assert CONSISTENT.cut(sound(60)).shape == (11, 10 * RATE)


def test_fingerprint_depends_on_every_parameter() -> None:
    names = {CONSISTENT.fingerprint, RAW.fingerprint, Stack(step_s=10.0).fingerprint}
    assert len(names) == 3 and Stack().fingerprint == CONSISTENT.fingerprint
