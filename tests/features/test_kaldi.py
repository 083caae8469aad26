"""Kaldi's filter bank against Kaldi's own code, and its filters."""

from __future__ import annotations

import kaldi_native_fbank as kaldi
import numpy as np
import pytest
import torch

from gender_audio.features.kaldi import INT16_SCALE, KaldiFbank, mel_filters


def reference(samples: np.ndarray) -> np.ndarray:
    options = kaldi.FbankOptions()
    options.frame_opts.dither = 0
    options.mel_opts.num_bins = 80
    bank = kaldi.OnlineFbank(options)
    bank.accept_waveform(16_000, (samples * INT16_SCALE).tolist())
    return np.stack([bank.get_frame(number) for number in range(bank.num_frames_ready)])


@pytest.mark.parametrize("level", [1e-3, 0.3])
def test_bands_are_those_of_kaldi(level: float) -> None:
    rng = np.random.default_rng(0)
    sound = (level * (rng.normal(0, 0.3, 16_000) + np.sin(np.arange(16_000) * 0.1))).astype(np.float32)
    bands = KaldiFbank()(torch.from_numpy(sound)).numpy()
    expected = reference(sound)
    assert bands.shape == expected.shape == (98, 80)
    np.testing.assert_allclose(bands, expected, atol=0.02)


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
