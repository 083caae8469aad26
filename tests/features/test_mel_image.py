"""The mel image: the published one with its faults, and the corrected one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gender_audio.features.mel_image import MelImage

PUBLISHED, CORRECTED = MelImage("published"), MelImage("corrected")


def noise(length: int, seed: int = 0) -> np.ndarray:
    return 0.1 * np.random.default_rng(seed).standard_normal(length)


def test_four_published_bands_are_empty() -> None:
    assert np.flatnonzero(PUBLISHED.filters().sum(1) == 0).tolist() == [0, 3, 6, 13]
    assert (CORRECTED.filters().max(1) > 0).all()
    image = PUBLISHED(noise(60_000))
    assert not image[[0, 3, 6, 13]].any()
    assert image[50].any()


def test_published_has_whole_numbers() -> None:
    image = PUBLISHED(noise(80_000))
    assert image.shape == (128, 301)
    assert image.dtype == np.float32
    assert (image == np.rint(image)).all()
    assert image.min() == 0
    np.testing.assert_array_equal(image, PUBLISHED(noise(80_000)[:60_000]))


def test_published_agrees_with_an_independent_computation() -> None:
    samples = noise(20_000).astype(np.float32).astype(float)
    padded = np.pad(samples, 200, mode="reflect")
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(400) / 400)
    frames = np.stack([padded[200 * t : 200 * t + 400] * window for t in range(101)])
    power = np.abs(np.fft.rfft(frames)) ** 2
    highest = 2595 * np.log10(1 + 8000 / 700)
    edges = 700 * (10 ** (np.linspace(0, highest, 130) / 2595) - 1)
    band = np.stack([np.interp(np.arange(201) * 40.0, edges[b : b + 3], [0, 1, 0]) @ power.T for b in (20, 60, 127)])
    np.testing.assert_allclose(PUBLISHED(samples)[[20, 60, 127]], np.rint(np.abs(np.log2(band))), atol=1)
    assert (PUBLISHED(samples)[[20, 60, 127]] == np.rint(np.abs(np.log2(band)))).mean() > 0.99


def test_published_maps_quiet_sound_above_loud_sound() -> None:
    quiet, loud = (PUBLISHED(noise(60_000) * 10 ** (gain / 20)) for gain in (-80, 0))
    assert quiet[60].mean() > loud[60].mean()


def test_corrected_has_at_most_six_seconds() -> None:
    for length in (8_000, 48_000, 96_000):
        assert CORRECTED(noise(length)).shape == (128, 1 + length // 320)
    assert CORRECTED(noise(200_000)).shape == (128, 301)


def test_corrected_bands_agree_with_the_mel_scale() -> None:
    time = np.arange(48_000) / 16_000
    loudest = [CORRECTED(np.sin(2 * np.pi * hertz * time)).mean(1).argmax() for hertz in (150, 500, 2000, 6000)]
    assert loudest == sorted(loudest)
    expected = [128 * np.log10(1 + hertz / 700) / np.log10(1 + 8000 / 700) for hertz in (150, 500, 2000, 6000)]
    np.testing.assert_allclose(loudest, expected, atol=2)


@settings(max_examples=25, deadline=None)
@given(gain_db=st.floats(-60, 30), seed=st.integers(0, 99))
def test_corrected_is_independent_of_level(gain_db: float, seed: int) -> None:
    samples = noise(16_000, seed)
    samples[5_000:9_000] *= 1e-3
    image = CORRECTED(samples)
    np.testing.assert_allclose(CORRECTED(samples * 10 ** (gain_db / 20)), image, atol=2e-3)
    assert image.max() == pytest.approx(2)
    assert image.min() >= -2


def test_silence_is_the_lowest_value() -> None:
    assert (CORRECTED(np.zeros(16_000)) == -2).all()
    assert not PUBLISHED(np.zeros(16_000)).any()


def test_fingerprint_depends_on_the_variant() -> None:
    assert PUBLISHED.fingerprint != CORRECTED.fingerprint
    assert MelImage().fingerprint == CORRECTED.fingerprint
