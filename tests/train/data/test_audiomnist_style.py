"""Speech in the style of AudioMNIST images."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gender_audio.features.mfcc import Mfcc
from tests.train.conftest import tone
from train.data.synthesis.audiomnist_style import DigitStyle, MelBands


def test_style_without_randomness_equals_the_feature() -> None:
    samples = tone(200, 1.0, 0).repeat(3) * 0.05
    plain = DigitStyle((90, 90), bands=40, filter=0, tilt=(0, 0), noise=(400, 400), clipped=(0.3, 0.3), grain=0)
    image = plain(MelBands("published")(samples), np.random.default_rng(0))
    ends = np.flatnonzero(image.any(0))
    assert ends[-1] - ends[0] < 90
    kept = image[:, ends[0] : ends[0] + 90]
    expected = Mfcc("published")(samples)[:, :90]
    np.testing.assert_allclose(kept[1:], expected[1:], atol=0.6)
    assert (kept[0] == 255).mean() == pytest.approx(0.3, abs=0.1)


@settings(max_examples=25, deadline=None)
@given(level=st.floats(-80, 80), seed=st.integers(0, 99))
def test_style_returns_an_image_at_any_level(level: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    decibels = np.maximum(level + 10 * rng.standard_normal((40, 98)), -100).astype(np.float32)
    image = DigitStyle()(decibels, rng)
    assert image.shape == (12, 98)
    assert image.min() >= 0
    assert image.max() <= 255
    np.testing.assert_array_equal(image, image.round())
    assert 98 - 90 <= (~image.any(0)).sum() <= 98 - 42 + 5
