"""A clip at another rate or with fewer channels: nothing is added, and pieces leave no seams."""

from __future__ import annotations

import librosa
import numpy as np
import pytest

from gender_audio import audio
from tests.encoding import tones


def test_mono_is_the_mean_of_the_channels_at_the_rate_asked_for():
    left, right = tones(44100, 2).astype(np.float32)
    np.testing.assert_array_equal(audio.Clip(left[None], 44100).mono(44100), left)
    np.testing.assert_allclose(audio.Clip(np.stack([left, right]), 44100).mono(44100), (left + right) / 2, atol=1e-7)
    np.testing.assert_array_equal(audio.Clip(np.stack([left, -left]), 44100).mono(16000), np.zeros(16000))


def test_mono_keeps_tones_below_the_new_nyquist_frequency_and_no_others():
    t = np.arange(44100) / 44100
    for frequency, level in ((1000, 0.3), (10000, 0.0)):
        clip = audio.Clip((0.3 * np.sin(2 * np.pi * frequency * t)).astype(np.float32)[None], 44100)
        resampled = clip.mono(16000)[1000:-1000]
        assert resampled.dtype == np.float32
        assert np.sqrt(2 * np.mean(resampled**2)) == pytest.approx(level, abs=1e-3)


@pytest.mark.parametrize("rate", [8_000, 16_000, 48_000])
@pytest.mark.parametrize("samples", [1, 1000, 99_999, 100_000, 100_001, 250_000])
def test_resampling_in_pieces_leaves_no_seams(monkeypatch: pytest.MonkeyPatch, samples: int, rate: int) -> None:
    noise = np.random.default_rng(0).standard_normal((2, samples)).astype(np.float32)
    clip = audio.Clip(noise, 44_100)
    whole = librosa.resample(noise, orig_sr=44_100, target_sr=rate, res_type="soxr_hq")
    monkeypatch.setattr(audio.io, "PIECE", 50_000)
    np.testing.assert_allclose(clip.stereo(rate), whole, atol=1e-6)
    np.testing.assert_allclose(clip.mono(rate), whole.mean(0), atol=1e-6)


def test_stereo_keeps_two_channels_and_doubles_the_mean_of_others() -> None:
    two = audio.Clip(np.array([[0.5, 0.1], [-0.5, 0.2]], np.float32), 8000)
    assert two.stereo(8000) is two.samples
    three = audio.Clip(np.array([[0.3], [0.6], [0.0]], np.float32), 8000)
    np.testing.assert_allclose(three.stereo(8000), [[0.3], [0.3]])
