"""A clip with fewer channels or at another sample rate."""

from __future__ import annotations

import librosa
import numpy as np
import pytest

from gender_audio.audio import Clip, clip
from tests.encoding import tones


def test_mono_is_the_mean_of_the_channels() -> None:
    left, right = tones(44100, 2).astype(np.float32)
    np.testing.assert_array_equal(Clip(left[None], 44100).mono(44100), left)
    np.testing.assert_allclose(Clip(np.stack([left, right]), 44100).mono(44100), (left + right) / 2, atol=1e-7)
    np.testing.assert_array_equal(Clip(np.stack([left, -left]), 44100).mono(16000), np.zeros(16000))


@pytest.mark.parametrize(("hertz", "level"), [(1000, 0.3), (10_000, 0.0)])
def test_mono_keeps_only_tones_below_the_new_nyquist_frequency(hertz: float, level: float) -> None:
    tone = (0.3 * np.sin(2 * np.pi * hertz * np.arange(44100) / 44100)).astype(np.float32)
    resampled = Clip(tone[None], 44100).mono(16000)[1000:-1000]
    assert resampled.dtype == np.float32
    assert np.sqrt(2 * np.mean(resampled**2)) == pytest.approx(level, abs=1e-3)


@pytest.mark.parametrize("rate", [8_000, 16_000, 48_000])
@pytest.mark.parametrize("samples", [1, 1000, 99_999, 100_000, 100_001, 250_000])
def test_resampling_in_pieces_equals_resampling_at_once(
    monkeypatch: pytest.MonkeyPatch, samples: int, rate: int
) -> None:
    noise = np.random.default_rng(0).standard_normal((2, samples)).astype(np.float32)
    whole = librosa.resample(noise, orig_sr=44_100, target_sr=rate, res_type="soxr_hq")
    monkeypatch.setattr(clip, "PIECE", 50_000)
    np.testing.assert_allclose(Clip(noise, 44_100).stereo(rate), whole, atol=1e-6)
    np.testing.assert_allclose(Clip(noise, 44_100).mono(rate), whole.mean(0), atol=1e-6)


def test_stereo_keeps_two_channels_and_doubles_the_mean_of_others() -> None:
    two = Clip(np.array([[0.5, 0.1], [-0.5, 0.2]], np.float32), 8000)
    assert two.stereo(8000) is two.samples
    three = Clip(np.array([[0.3], [0.6], [0.0]], np.float32), 8000)
    np.testing.assert_allclose(three.stereo(8000), [[0.3], [0.3]])


def test_mono_or_stereo_mixes_all_but_two_channels() -> None:
    assert Clip(np.ones((2, 100), np.float32), 8000).mono_or_stereo(4000).shape == (2, 50)
    assert Clip(np.ones((3, 100), np.float32), 8000).mono_or_stereo(4000).shape == (1, 50)
