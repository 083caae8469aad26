"""The MFCC image against an independent computation, and against the published images."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from gender_audio.features.mfcc import Mfcc

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"
PUBLISHED, SOUND = Mfcc("published"), Mfcc("sound")


def vowel(seconds: float = 0.9999583, hertz: float = 180.0, rate: int = 48_000) -> np.ndarray:
    """A buzz with a formant that fades in and out, and a little noise, float64 [n]."""
    time = np.arange(round(seconds * rate)) / rate
    buzz = sum(np.sin(2 * np.pi * hertz * k * time) / (1 + abs(k - 4)) for k in range(1, 30))
    noise = np.random.default_rng(0).standard_normal(len(time))
    return 0.02 * buzz * np.sin(np.pi * time / seconds) ** 2 + 1e-4 * noise


def slaney(mel: np.ndarray) -> np.ndarray:
    """Slaney's scale: linear up to 1 kHz, then logarithmic."""
    return np.where(mel < 15, mel * 200 / 3, 1000 * np.exp((mel - 15) * np.log(6.4) / 27))


def reference(samples: np.ndarray) -> np.ndarray:
    """Liftered coefficients [12, 98] of samples [47998] at 48 kHz, without any library for sound."""
    emphasised = samples - 0.97 * np.concatenate([[0], samples[:-1]])
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(1200) / 1200)
    frames = np.stack([emphasised[480 * t : 480 * t + 1200] * window for t in range(98)])
    power = np.abs(np.fft.rfft(frames)) ** 2
    highest = 15 + 27 * np.log(24) / np.log(6.4)
    edges, bins = slaney(np.linspace(0, highest, 42)), np.arange(601) * 40.0
    filters = np.stack(
        [
            np.interp(bins, [low, centre, high], [0, 1, 0]) * 2 / (high - low)
            for low, centre, high in zip(edges, edges[1:], edges[2:], strict=False)
        ]
    )
    decibels = 10 * np.log10(np.maximum(filters @ power.T, 1e-10))
    decibels = np.maximum(decibels, decibels.max() - 80)
    basis = np.cos(np.pi * np.outer(np.arange(12), 2 * np.arange(40) + 1) / 80) * np.sqrt(2 / 40)
    basis[0] /= np.sqrt(2)
    return basis @ decibels * (1 + 11 * np.sin(np.pi * np.arange(1, 13) / 22))[:, None]


def test_published_agrees_with_an_independent_computation() -> None:
    expected = reference(vowel() * 32_768).clip(0, 255)
    np.testing.assert_allclose(PUBLISHED(vowel()), expected, atol=0.02)
    assert 0.1 < (expected == 0).mean() < 0.7


def test_sound_differs_from_published_only_in_the_first_coefficient() -> None:
    np.testing.assert_allclose(SOUND(vowel())[1:], reference(vowel() * 32_768)[1:] / 100, atol=1e-3)


def test_zeros_and_a_click_have_the_calculated_values() -> None:
    assert (PUBLISHED(np.zeros(100)) == 0).all()
    silence = SOUND(np.zeros(47_998))
    assert (silence[1:] == pytest.approx(0, abs=1e-5)) and np.ptp(silence) >= 0
    lowest = -40 * np.sqrt(40) * (1 + 11 * np.sin(np.pi / 22)) / 100
    click = SOUND(np.eye(1, 47_998, 24_000)[0])
    assert click[0, 0] == pytest.approx(lowest, rel=1e-5)
    assert click[0].max() > 0


def test_samples_are_padded_or_cut() -> None:
    samples = vowel(1.2)
    assert PUBLISHED(samples).shape == SOUND(samples).shape == (12, 98) == (12, SOUND.frames)
    assert SOUND(samples).dtype == np.float32
    np.testing.assert_array_equal(SOUND(samples), SOUND(samples[:47_998]))
    np.testing.assert_array_equal(SOUND(samples[:20_000]), SOUND(np.pad(samples[:20_000], (0, 27_998))))


@settings(max_examples=20, deadline=None)
@given(gain_db=st.floats(-60, 30))
def test_sound_is_independent_of_level(gain_db: float) -> None:
    samples = vowel()
    np.testing.assert_allclose(SOUND(samples * 10 ** (gain_db / 20)), SOUND(samples), atol=1e-4)


@settings(max_examples=20, deadline=None)
@given(length=st.integers(1, 60_000), seed=st.integers(0, 99), gain_db=st.floats(-100, 20))
def test_values_stay_in_their_range(length: int, seed: int, gain_db: float) -> None:
    samples = np.random.default_rng(seed).standard_normal(length) * 10 ** (gain_db / 20)
    assert np.abs(SOUND(samples)).max() < 30
    published = PUBLISHED(samples)
    assert published.min() >= 0
    assert published.max() <= 255


def test_level_changes_only_the_first_published_coefficient() -> None:
    quiet, loud = PUBLISHED(vowel() * 0.1), PUBLISHED(vowel())
    np.testing.assert_allclose(quiet[1:], loud[1:], atol=0.05)
    assert loud[0].mean() > quiet[0].mean() + 10


def test_fingerprint_depends_on_the_variant() -> None:
    assert len({PUBLISHED.fingerprint, SOUND.fingerprint, Mfcc("sound", lifter=0).fingerprint}) == 3


@pytest.mark.skipif(not SHARED.exists(), reason="the published images lie in ../shared/data")
def test_published_images_resemble_those_of_audiomnist() -> None:
    with np.load(SHARED / "audiomnist_mfcc.npz") as stored:
        published = stored["mfcc"][::50].astype(float)
    computed = np.stack([PUBLISHED(word(path)) for path in sorted((SHARED / "librispeech").glob("*.ogg"))[:60]])
    assert published.shape[1:] == computed.shape[1:]
    for images in (published, computed):
        assert images[:, 1:].max() <= 255
        assert 0.4 < (images <= 3).mean() < 0.7
        assert images[:, 0].mean() > 2 * images[:, 1:].mean()
        assert images[:, 1:6].mean() > 1.5 * images[:, 6:].mean()


def word(path: Path) -> np.ndarray:
    """0.6 s of speech at the level of AudioMNIST, padded with silence: 48 kHz, with weak noise above 8 kHz."""
    from librosa import resample

    samples, rate = soundfile.read(path, frames=16_000, start=8_000)
    piece = resample(samples[: int(0.6 * rate)], orig_sr=rate, target_sr=48_000)
    piece = piece * 0.003 / (np.sqrt(np.mean(piece**2)) + 1e-9)
    piece += 2e-5 * np.random.default_rng(0).standard_normal(len(piece))
    return np.pad(piece, (9_600, 9_598))
