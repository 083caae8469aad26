"""The input of EfficientAT: shape, values of silence, and the place of a tone."""

from __future__ import annotations

import math

import numpy as np
import torch

from gender_audio.features.efficientat_mel import EfficientATMel


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
