"""Spectrograms and filter banks against librosa."""

from __future__ import annotations

import librosa
import numpy as np
import pytest

from gender_audio.features import mel

RATE = 16_000
NOISE = np.random.default_rng(0).normal(0, 0.1, 20_000).astype(np.float32)
HERTZ = np.array([0.0, 20.0, 440.0, 999.0, 1000.0, 1001.0, 5000.0, 22_050.0])


@pytest.mark.parametrize("htk", [True, False])
def test_mel_scales_agree_with_librosa_and_invert(htk: bool) -> None:
    np.testing.assert_allclose(mel.hz_to_mel(HERTZ, htk), librosa.hz_to_mel(HERTZ, htk=htk), atol=1e-9)
    np.testing.assert_allclose(mel.mel_to_hz(mel.hz_to_mel(HERTZ, htk), htk), HERTZ, atol=1e-9)
    np.testing.assert_allclose(
        mel.mel_frequencies(40, 8000, htk), librosa.mel_frequencies(40, fmin=0, fmax=8000, htk=htk), atol=1e-9
    )


@pytest.mark.filterwarnings("ignore:Empty filters")
@pytest.mark.parametrize("htk", [True, False])
@pytest.mark.parametrize(("norm", "named"), [("area", "slaney"), ("peak", None)])
@pytest.mark.parametrize(("rate", "fft", "bands"), [(16_000, 512, 96), (16_000, 400, 128), (48_000, 1200, 40)])
def test_mel_filters_agree_with_librosa(
    htk: bool, norm: str, named: str | None, rate: int, fft: int, bands: int
) -> None:
    expected = librosa.filters.mel(sr=rate, n_fft=fft, n_mels=bands, htk=htk, norm=named)
    filters = mel.mel_filters(rate, fft, bands, htk, norm)
    assert filters.dtype == np.float32
    np.testing.assert_allclose(filters, expected, atol=1e-6)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(("centre", "padding"), [(True, "constant"), (True, "reflect"), (False, "constant")])
@pytest.mark.parametrize(("samples", "fft", "hop"), [(20_000, 400, 37), (20_000, 1024, 320), (900, 512, 2000)])
def test_power_spectrogram_agrees_with_librosa(
    dtype: type, centre: bool, padding: str, samples: int, fft: int, hop: int
) -> None:
    signal = NOISE[:samples].astype(dtype)
    spectrum = librosa.stft(signal, n_fft=fft, hop_length=hop, center=centre, pad_mode=padding)
    power = mel.power_spectrogram(signal, fft, hop, centre, padding)
    assert power.dtype == dtype
    np.testing.assert_allclose(power, np.abs(spectrum) ** 2, atol=1e-5, rtol=1e-5)


def test_mel_spectrogram_agrees_with_librosa() -> None:
    expected = librosa.feature.melspectrogram(y=NOISE, sr=RATE, n_fft=512, hop_length=256, n_mels=64)
    np.testing.assert_allclose(mel.mel_spectrogram(NOISE, RATE, 512, 256, 64), expected, atol=1e-5)


@pytest.mark.parametrize("range_db", [None, 30.0])
def test_power_to_db_agrees_with_librosa(range_db: float | None) -> None:
    power = np.array([0.0, 1e-12, 1e-6, 1e-3, 1.0, 7.0])
    np.testing.assert_allclose(
        mel.power_to_db(power, 1e-9, range_db), librosa.power_to_db(power, amin=1e-9, top_db=range_db), atol=1e-9
    )


@pytest.mark.parametrize("tuning", [0.0, 0.31, -0.5])
@pytest.mark.parametrize(("rate", "fft", "classes"), [(11_025, 2048, 12), (22_050, 1024, 24)])
def test_chroma_agrees_with_librosa(rate: int, fft: int, classes: int, tuning: float) -> None:
    expected = librosa.filters.chroma(sr=rate, n_fft=fft, n_chroma=classes, tuning=tuning)
    np.testing.assert_allclose(mel.chroma_filters(rate, fft, classes, tuning), expected, atol=1e-6)
    power = mel.power_spectrogram(NOISE, fft, 512)
    power[:, 3] = 0
    expected = librosa.feature.chroma_stft(S=power, sr=rate, n_chroma=classes, tuning=tuning)
    np.testing.assert_allclose(mel.chroma(power, rate, classes, tuning), expected, atol=1e-5)
