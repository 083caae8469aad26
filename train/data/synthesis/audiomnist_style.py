"""Speech of the shared corpora converted to the style of system B's images, which adds many speakers."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from gender_audio.features.mfcc import RANGE_DB, Mfcc
from gender_audio.systems.speech_features import mfcc_features
from train.data.speech_cache import SpeechSnippets, load_snippets, speech_sources

PUBLISHED = Mfcc("published")
HIGHEST = 255.0
CLIPPED_DB = HIGHEST / float(PUBLISHED.cepstra(np.ones((PUBLISHED.bands, 1)))[0, 0])
"""Mean of the bands above which the first coefficient is clipped."""


@dataclass(frozen=True)
class MelBands(Mfcc):
    """The mel bands of a published image before the cepstrum, in decibels, float32 [40, 98]."""

    def __call__(self, samples: np.ndarray) -> np.ndarray:
        """Samples [n] at `rate` Hz to decibels."""
        return self.decibels(samples).astype(np.float32)


def load_speech(data: Path, cache: Path) -> SpeechSnippets:
    """Mel bands, in decibels, of every second of the shared speech of the train split."""
    return load_snippets(mfcc_features(MelBands("published")), data, speech_sources(data, "train"), cache)


@dataclass(frozen=True)
class DigitStyle:
    """Random conversion of a second of speech to the style of a recorded digit.

    Attributes:
        frames: range of the number of frames that are kept. The other frames are zero.
        bands: bands below 8 kHz, which speech at 16 kHz has. Higher bands continue with `slope` decibels per band.
        slope: range of that slope.
        filter: standard deviation of the eight gains of a random smooth filter, in decibels.
        tilt: mean and standard deviation of a spectral tilt, in decibels per band.
        noise: range of the level of a steady noise below the loudest band, in decibels.
        clipped: range of the share of kept frames whose first coefficient is clipped, which sets the level.
        grain: standard deviation of the noise of JPEG compression.
    """

    frames: tuple[int, int] = (42, 90)
    bands: int = 26
    slope: tuple[float, float] = (-1.2, 1.8)
    filter: float = 4.0
    tilt: tuple[float, float] = (0.15, 0.3)
    noise: tuple[float, float] = (40.0, 80.0)
    clipped: tuple[float, float] = (0.05, 0.5)
    grain: float = 1.5

    def __call__(self, decibels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Decibels [40, 98] to an image, float32 [12, 98] of whole numbers in 0..255."""
        length = int(rng.integers(*self.frames, endpoint=True))
        start = int(rng.integers(decibels.shape[1] - length, endpoint=True))
        bands = self._levelled(self._recorded(decibels[:, :length].astype(np.float64), rng), rng)
        values = PUBLISHED.cepstra(bands).clip(0, HIGHEST)
        image = np.zeros((PUBLISHED.coefficients, decibels.shape[1]), np.float32)
        image[:, start : start + length] = (values + self.grain * rng.standard_normal(values.shape)).round()
        return image.clip(0, HIGHEST)

    def _recorded(self, bands: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Bands [40, n] as of another microphone: extended above 8 kHz, filtered, and with noise."""
        number = np.arange(len(bands))[:, None]
        above = np.maximum(number - self.bands + 1, 0)
        grain = 1.5 * rng.standard_normal((len(bands), 1)) + 2 * rng.standard_normal(bands.shape)
        extended = bands[self.bands - 3 : self.bands].mean(0) - rng.uniform(*self.slope) * above + grain
        tilt = rng.normal(*self.tilt) * (number - len(bands) / 2)
        filtered = np.where(above > 0, extended, bands) + _smooth(rng, 8, self.filter, len(bands)) + tilt
        floor = filtered.max() - rng.uniform(*self.noise) + _smooth(rng, 4, 4.0, len(bands))
        floor = floor - 0.3 * rng.random() * number + 1.5 * rng.standard_normal(bands.shape)
        return np.maximum(10 * np.log10(10 ** (filtered / 10) + 10 ** (floor / 10)), filtered.max() - RANGE_DB)

    def _levelled(self, bands: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Bands [40, n] at a level at which a random share of frames is clipped."""
        return bands + CLIPPED_DB - np.quantile(bands.mean(0), 1 - rng.uniform(*self.clipped))


def _smooth(rng: np.random.Generator, gains: int, decibels: float, bands: int) -> np.ndarray:
    """A random filter, [bands, 1], piecewise linear between its gains."""
    places = np.linspace(0, gains - 1, bands)
    return np.interp(places, np.arange(gains), decibels * rng.standard_normal(gains))[:, None]
