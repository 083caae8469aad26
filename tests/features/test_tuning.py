"""Spectral peaks and the tuning against librosa."""

from __future__ import annotations

import librosa
import numpy as np
import pytest

from gender_audio.features.mel import power_spectrogram
from gender_audio.features.tuning import estimate_tuning, spectral_peaks

RATE = 11_025


def chord(cents: float) -> np.ndarray:
    """Power spectrogram of a chord so many cents above A = 440 Hz, with some noise."""
    time = np.arange(2 * RATE) / RATE
    tones = [np.sin(2 * np.pi * 440 * 2 ** ((note + cents / 100) / 12) * time) for note in (0, 4, 7, 15)]
    noise = np.random.default_rng(0).normal(0, 0.01, len(time))
    return power_spectrogram((np.sum(tones, 0) / 8 + noise).astype(np.float32), 2048, 512)


def noise() -> np.ndarray:
    return power_spectrogram(np.random.default_rng(1).normal(0, 0.1, 2 * RATE).astype(np.float32), 2048, 512)


@pytest.mark.parametrize("power", [chord(0), chord(30), noise()], ids=["chord", "sharp", "noise"])
def test_spectral_peaks_agree_with_piptrack(power: np.ndarray) -> None:
    hertz, magnitude = librosa.piptrack(S=power, sr=RATE, n_fft=2048)
    peaks_hz, peaks = spectral_peaks(power, RATE)
    np.testing.assert_allclose(peaks_hz, hertz[hertz > 0], rtol=1e-5)
    np.testing.assert_allclose(peaks, magnitude[hertz > 0], rtol=1e-5)


@pytest.mark.parametrize("power", [chord(-40), chord(0), chord(30), noise()], ids=["flat", "chord", "sharp", "noise"])
def test_estimate_tuning_agrees_with_librosa(power: np.ndarray) -> None:
    assert estimate_tuning(power, RATE) == pytest.approx(librosa.estimate_tuning(S=power, sr=RATE), abs=1e-9)


def test_estimate_tuning_finds_a_detuned_chord() -> None:
    assert estimate_tuning(chord(30), RATE) == pytest.approx(0.3, abs=0.05)


def test_estimate_tuning_of_silence_is_zero() -> None:
    assert estimate_tuning(np.zeros((1025, 5), np.float32), RATE) == 0
