"""Offsets and channels that cancel each other are repaired, and nothing else."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gender_audio import audio
from gender_audio.audio.repair import CENTRED, INVERTED, repair


def sound(channels: int = 2, seed: int = 0) -> np.ndarray:
    """Two seconds of noise whose channels have half of it in common."""
    rng = np.random.default_rng(seed)
    noise = rng.normal(0, 0.05, (channels, 16_000)) + rng.normal(0, 0.05, 16_000)
    return (noise - noise.mean(1, keepdims=True)).astype(np.float32)


@given(st.integers(1, 4), st.integers(0, 99))
def test_repair_leaves_normal_sound(channels: int, seed: int) -> None:
    samples = sound(channels, seed)
    before = samples.copy()
    assert repair(samples) == []
    np.testing.assert_array_equal(samples, before)


@given(st.floats(0.01, 0.5), st.sampled_from([-1, 1]), st.integers(1, 2))
def test_repair_removes_an_offset(offset: float, sign: int, channels: int) -> None:
    samples = sound(channels) + np.float32(sign * offset)
    assert repair(samples) == [CENTRED]
    np.testing.assert_allclose(samples, sound(channels), atol=1e-6)


@pytest.mark.parametrize("offset", [0.0, 0.1])
def test_repair_inverts_one_of_two_cancelling_channels(offset: float) -> None:
    voice = sound(1)[0]
    samples = np.stack([voice, -0.9 * voice]) + np.float32(offset)
    assert repair(samples) == ([CENTRED, INVERTED] if offset else [INVERTED])
    np.testing.assert_allclose(samples, [voice, 0.9 * voice], atol=1e-6)


@pytest.mark.parametrize("right", [np.zeros_like, lambda left: left, lambda left: sound(1, 5)[0]])
def test_repair_leaves_other_channels(right) -> None:
    left = sound(1)[0]
    samples = np.stack([left, right(left)])
    assert repair(samples) == []


def test_repair_leaves_silence() -> None:
    assert repair(np.zeros((2, 8_000), np.float32)) == []


def test_read_warns_about_repairs(tmp_path: Path) -> None:
    voice = sound(1)[0]
    audio.write(tmp_path / "opposed.wav", np.stack([voice, -voice]), 16_000)
    clip = audio.read(tmp_path / "opposed.wav")
    assert clip.warnings == (INVERTED,)
    np.testing.assert_allclose(clip.mono(16_000), voice, atol=1e-4)
