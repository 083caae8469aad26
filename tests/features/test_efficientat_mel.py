"""The input of EfficientAT: shape, values of silence, the place of a tone, and a frame computed by hand."""

from __future__ import annotations

import math

import numpy as np
import torch

from gender_audio.features.efficientat_mel import EfficientATMel
from gender_audio.features.kaldi import mel_filters


def test_three_seconds_are_128_bands_and_300_frames() -> None:
    feature = EfficientATMel()
    assert feature(torch.zeros(2, 3 * feature.rate)).shape == (2, 128, 300)


def test_silence_is_the_floor() -> None:
    bands = EfficientATMel()(torch.zeros(1, 32_000))
    assert torch.allclose(bands, torch.full_like(bands, (math.log(1e-5) + 4.5) / 5))


def test_a_higher_tone_is_in_a_higher_band() -> None:
    time_s = np.arange(32_000) / 32_000
    loudest = [
        int(EfficientATMel()(torch.from_numpy(np.sin(2 * np.pi * hertz * time_s)[None]).float()).mean(2).argmax())
        for hertz in (200, 1_000, 8_000)
    ]
    assert loudest == sorted(set(loudest))


def test_frame_is_the_windowed_power_in_mel_bands() -> None:
    samples = 0.3 * np.random.default_rng(0).standard_normal(32_000)
    emphasised = samples[1:] - 0.97 * samples[:-1]
    start = 50 * 320 - 400
    power = np.abs(np.fft.rfft(emphasised[start : start + 800] * np.hanning(800), 1024)) ** 2
    bands = mel_filters(128, 1024, 32_000, 0.0, 15_000.0).numpy() @ power
    frame = EfficientATMel()(torch.from_numpy(samples[None]).float())[0, :, 50]
    np.testing.assert_allclose(frame, (np.log(bands + 1e-5) + 4.5) / 5, atol=1e-3)


def test_ten_times_the_level_adds_a_constant_far_above_the_floor() -> None:
    noise = 10 * torch.randn(1, 32_000, generator=torch.Generator().manual_seed(0))
    difference = EfficientATMel()(10 * noise) - EfficientATMel()(noise)
    torch.testing.assert_close(difference, torch.full_like(difference, 2 * math.log(10) / 5), atol=0.01, rtol=0)
