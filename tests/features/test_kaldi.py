"""Kaldi's filter bank against Kaldi's own code, and its filters."""

from __future__ import annotations

import math

import kaldi_native_fbank as kaldi
import numpy as np
import pytest
import torch

from gender_audio.features.kaldi import INT16_SCALE, KaldiFbank, mel_filters

WIDE = KaldiFbank(rate=32_000, frame=800, hop=320, fft=1024, bands=128, lowest_hz=0.0)


def reference(samples: np.ndarray, feature: KaldiFbank) -> np.ndarray:
    options = kaldi.FbankOptions()
    options.frame_opts.dither = 0
    options.frame_opts.samp_freq = feature.rate
    options.mel_opts.num_bins = feature.bands
    options.mel_opts.low_freq = feature.lowest_hz
    bank = kaldi.OnlineFbank(options)
    bank.accept_waveform(feature.rate, (samples * INT16_SCALE).tolist())
    return np.stack([bank.get_frame(number) for number in range(bank.num_frames_ready)])


def sound(level: float, samples: int = 16_000) -> np.ndarray:
    noise = np.random.default_rng(0).normal(0, 0.3, samples)
    return (level * (noise + np.sin(np.arange(samples) * 0.1))).astype(np.float32)


@pytest.mark.parametrize("level", [1e-3, 0.3])
@pytest.mark.parametrize("feature", [KaldiFbank(), WIDE], ids=["16 kHz", "32 kHz"])
def test_bands_are_those_of_kaldi(feature: KaldiFbank, level: float) -> None:
    samples = sound(level, feature.rate)
    bands = feature(torch.from_numpy(samples)).numpy()
    assert bands.shape == (98, feature.bands) and bands.dtype == np.float32
    np.testing.assert_allclose(bands, reference(samples, feature), atol=1e-3)


@pytest.mark.parametrize(("samples", "frames"), [(400, 1), (559, 1), (560, 2), (48_000, 298)])
def test_frames_lie_within_the_samples(samples: int, frames: int) -> None:
    assert KaldiFbank()(torch.from_numpy(sound(0.1, samples))).shape == (frames, 80)


def test_clips_of_a_batch_are_independent() -> None:
    batch = torch.from_numpy(np.stack([sound(0.1), sound(0.3)[::-1].copy()]))
    bands = KaldiFbank()(batch)
    for samples, expected in zip(batch, bands, strict=True):
        torch.testing.assert_close(KaldiFbank()(samples), expected)


def test_half_the_level_is_a_quarter_of_the_energy() -> None:
    loud, quiet = (KaldiFbank()(torch.from_numpy(sound(level))) for level in (0.2, 0.1))
    torch.testing.assert_close(loud - quiet, torch.full_like(loud, math.log(4)), atol=1e-4, rtol=0)


def test_silence_has_the_lowest_energy() -> None:
    bands = KaldiFbank()(torch.zeros(2, 800))
    assert bands.shape == (2, 3, 80)
    assert torch.equal(bands, torch.full_like(bands, float(np.log(np.finfo(np.float32).eps))))


def test_filters_are_triangles_without_the_nyquist_bin() -> None:
    filters = mel_filters(40, 512, 16_000, 20.0, 8_000.0)
    assert filters.shape == (40, 257)
    assert float(filters.min()) == 0 and float(filters.max()) <= 1
    assert not filters[:, -1].any()
    peaks = filters.argmax(1)
    assert (peaks.diff() > 0).all()
