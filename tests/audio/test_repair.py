"""What is put right in samples: offsets and channels that cancel each other, and nothing else."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gender_audio import audio
from gender_audio.audio.repair import CENTRED, TURNED, repair


def sound(channels: int = 2, seed: int = 0) -> np.ndarray:
    """Two seconds of noise whose channels have half of it in common."""
    rng = np.random.default_rng(seed)
    found = rng.normal(0, 0.05, (channels, 16_000)) + rng.normal(0, 0.05, 16_000)
    return (found - found.mean(1, keepdims=True)).astype(np.float32)


@given(st.integers(1, 4), st.integers(0, 99))
def test_sound_stays_as_it_is(channels: int, seed: int) -> None:
    samples = sound(channels, seed)
    before = samples.copy()
    assert repair(samples) == []
    np.testing.assert_array_equal(samples, before)


@given(st.floats(0.01, 0.5), st.sampled_from([-1, 1]), st.integers(1, 2))
def test_an_offset_is_taken_out(offset: float, sign: int, channels: int) -> None:
    samples = sound(channels) + np.float32(sign * offset)
    assert repair(samples) == [CENTRED]
    np.testing.assert_allclose(samples, sound(channels), atol=1e-6)


@pytest.mark.parametrize("offset", [0.0, 0.1])
def test_channels_that_cancel_are_turned_to_agree(offset: float) -> None:
    voice = sound(1)[0]
    samples = np.stack([voice, -0.9 * voice]) + np.float32(offset)
    assert repair(samples) == ([CENTRED, TURNED] if offset else [TURNED])
    np.testing.assert_allclose(samples, [voice, 0.9 * voice], atol=1e-6)


@pytest.mark.parametrize("right", [np.zeros_like, lambda left: left, lambda left: sound(1, 5)[0]])
def test_channels_that_do_not_cancel_are_left(right) -> None:
    left = sound(1)[0]
    samples = np.stack([left, right(left)])
    assert repair(samples) == []


def test_silence_is_left() -> None:
    assert repair(np.zeros((2, 8_000), np.float32)) == []


def test_read_says_what_it_mended(tmp_path: Path) -> None:
    voice = sound(1)[0]
    audio.write(tmp_path / "opposed.wav", np.stack([voice, -voice]), 16_000)
    clip = audio.read(tmp_path / "opposed.wav")
    assert clip.warnings == (TURNED,)
    np.testing.assert_allclose(clip.mono(16_000), voice, atol=1e-4)
