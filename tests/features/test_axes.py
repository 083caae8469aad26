"""The axes of the features, against tones and clicks."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from gender_audio.features.axes import FeatureAxes
from gender_audio.features.filterbank import Filterbank
from gender_audio.features.mel_image import MelImage
from gender_audio.features.mfcc import Mfcc

FEATURES = {"filterbank": Filterbank(), "melimage": MelImage(), "mfcc": Mfcc()}


def computed(feature: Filterbank | MelImage | Mfcc, samples: np.ndarray) -> np.ndarray:
    """The feature [rows, frames] of samples."""
    if isinstance(feature, Filterbank):
        return feature(torch.from_numpy(samples)).numpy().T
    return feature(samples)


@pytest.mark.parametrize("name", ["filterbank", "melimage"])
@pytest.mark.parametrize("hertz", [300.0, 1000.0, 3000.0])
def test_rows_have_the_frequencies_of_tones(name: str, hertz: float) -> None:
    feature = FEATURES[name]
    tone = np.sin(2 * np.pi * hertz * np.arange(48_000) / 16_000)
    loudest = int(computed(feature, tone).mean(1).argmax())
    assert abs(loudest - np.abs(np.array(feature.axes.rows) - hertz).argmin()) <= 1


@pytest.mark.parametrize("name", FEATURES)
def test_frames_have_the_times_of_clicks(name: str) -> None:
    feature, axes = FEATURES[name], FEATURES[name].axes
    click = np.random.default_rng(0).normal(0, 1e-4, feature.rate)
    click[feature.rate // 2 : feature.rate // 2 + feature.rate // 100] = 0.5
    image = computed(feature, click)
    assert len(image) == len(axes.rows)
    assert axes.first_s + int(image[0].argmax()) * axes.hop_s == pytest.approx(0.5, abs=3 * axes.hop_s)


def test_height_has_the_unit_of_the_rows() -> None:
    assert Filterbank().axes.height(8) == "8 bands, about 480 Hz at the bottom and 3,200 Hz at the top"
    assert Filterbank().axes.ticks == (250, 500, 1000, 2000, 4000)
    assert FeatureAxes.cepstrum(12, 0.01, 0.0).height(4) == "4 coefficients, which are not frequencies"
