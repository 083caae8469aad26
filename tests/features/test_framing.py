"""Windows over a clip."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gender_audio.features.framing import Windows

RATE = 100


@given(samples=st.integers(1, 3000))
def test_windows_cover_every_sample(samples: int) -> None:
    starts = Windows().starts(samples, RATE)
    assert starts[0] == 0
    assert starts[-1] == max(0, samples - 3 * RATE)
    assert (np.diff(starts) <= RATE).all()
    assert (np.diff(starts) > 0).all()


@given(samples=st.integers(1, 1000))
def test_cut_returns_the_samples_of_the_clip(samples: int) -> None:
    clip = np.arange(1, samples + 1, dtype=np.float32)
    snippets = Windows().cut(clip, RATE)
    starts = Windows().starts(samples, RATE)
    assert snippets.shape == (len(starts), 3 * RATE)
    for start, snippet in zip(starts, snippets, strict=True):
        np.testing.assert_array_equal(snippet, np.resize(clip[start : start + 3 * RATE], 3 * RATE))


@pytest.mark.parametrize("seconds", [0.5, 3.0, 33.7, 90.0])
def test_batches_equal_cut(seconds: float) -> None:
    samples = np.random.default_rng(0).standard_normal((2, round(seconds * RATE)))
    batches = list(Windows().batches(samples, RATE, size=7))
    assert all(len(batch) == 7 for batch in batches[:-1]) and 1 <= len(batches[-1]) <= 7
    np.testing.assert_array_equal(np.concatenate(batches), Windows().cut(samples, RATE))
