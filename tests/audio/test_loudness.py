"""Silent snippets, the loudest stretch and silent ends."""

from __future__ import annotations

import librosa
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gender_audio.audio.loudness import audible, loudest, trim_bounds


def test_loudest_returns_the_stretch_with_the_most_energy() -> None:
    samples = np.full(1000, 0.1)
    samples[600:700] = 1
    np.testing.assert_array_equal(loudest(samples, 100), samples[600:700])
    assert loudest(samples, 2000) is samples


def test_audible_is_relative_to_the_loudest_snippet() -> None:
    snippets = np.ones((4, 100)) * np.array([1.0, 0.1, 0.01, 0.0])[:, None]
    assert audible(snippets).tolist() == [True, True, False, False]
    assert audible(snippets * 2e-3).tolist() == [True, True, False, False]
    assert not audible(snippets * 1e-5).any()


@settings(max_examples=30, deadline=None)
@given(
    length=st.integers(1, 40_000),
    before=st.integers(0, 9_000),
    after=st.integers(0, 9_000),
    floor_db=st.sampled_from([-200.0, -90.0, -40.0]),
    seed=st.integers(0, 99),
)
def test_trim_bounds_agree_with_librosa(length: int, before: int, after: int, floor_db: float, seed: int) -> None:
    random = np.random.default_rng(seed)
    samples = np.pad(random.normal(0, 0.1, length), (before, after))
    samples = (samples + 10 ** (floor_db / 20) * random.standard_normal(len(samples))).astype(np.float32)
    _, expected = librosa.effects.trim(samples, top_db=60, frame_length=2048, hop_length=512)
    assert trim_bounds(samples, 60, 2048, 512) == tuple(expected)


@pytest.mark.parametrize("length", [1, 511, 512, 5000])
def test_trim_bounds_of_silence_are_all_of_it(length: int) -> None:
    assert trim_bounds(np.zeros(length), 60, 2048, 512) == (0, length)
