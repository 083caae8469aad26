"""Other speech in the guise of system B's images: what it would look like there, from many more speakers."""

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
"""Mean of the bands from which on the first coefficient is clipped."""


@dataclass(frozen=True)
class MelBands(Mfcc):
    """The mel bands in decibels that a published image is made of, float32 [40, 98]."""

    def __call__(self, samples: np.ndarray) -> np.ndarray:
        """Samples [n] at `rate` Hz to decibels."""
        return self.decibels(samples).astype(np.float32)


def load_speech(data: Path, cache: Path) -> SpeechSnippets:
    """The training speakers of the shared speech, second by second, in decibels of the bands."""
    return load_snippets(mfcc_features(MelBands("published")), data, speech_sources(data, "train"), cache)


@dataclass(frozen=True)
class DigitStyle:
    """How a second of speech comes to look like a recorded digit; what is not known of that recording is drawn anew.

    Attributes:
        frames: the fewest and the most that are kept; silence, zeros, lies around them.
        heard: bands that speech at 16 kHz has; what lies above falls or rises from there by `slope` decibels per band.
        slope: the least and the most.
        filter: standard deviation of the eight gains of a random smooth filter, in decibels.
        tilt: mean and standard deviation of another filter, in decibels per band.
        noise: how far below the loudest band a steady noise lies, from and to, in decibels.
        clipped: the least and the largest share of the kept frames whose first coefficient is clipped: the level.
        grain: standard deviation of what JPEG adds to the values.
    """

    frames: tuple[int, int] = (42, 90)
    heard: int = 26
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
        """Bands [40, n] as another microphone would have them: what it hears above 8 kHz, its colour and its noise."""
        number = np.arange(len(bands))[:, None]
        above = np.maximum(number - self.heard + 1, 0)
        grain = 1.5 * rng.standard_normal((len(bands), 1)) + 2 * rng.standard_normal(bands.shape)
        extended = bands[self.heard - 3 : self.heard].mean(0) - rng.uniform(*self.slope) * above + grain
        tilt = rng.normal(*self.tilt) * (number - len(bands) / 2)
        coloured = np.where(above > 0, extended, bands) + _smooth(rng, 8, self.filter, len(bands)) + tilt
        floor = coloured.max() - rng.uniform(*self.noise) + _smooth(rng, 4, 4.0, len(bands))
        floor = floor - 0.3 * rng.random() * number + 1.5 * rng.standard_normal(bands.shape)
        return np.maximum(10 * np.log10(10 ** (coloured / 10) + 10 ** (floor / 10)), coloured.max() - RANGE_DB)

    def _levelled(self, bands: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Bands [40, n] so loud that the drawn share of frames is clipped."""
        return bands + CLIPPED_DB - np.quantile(bands.mean(0), 1 - rng.uniform(*self.clipped))


def _smooth(rng: np.random.Generator, gains: int, decibels: float, bands: int) -> np.ndarray:
    """A random filter, [bands, 1], straight between its gains."""
    places = np.linspace(0, gains - 1, bands)
    return np.interp(places, np.arange(gains), decibels * rng.standard_normal(gains))[:, None]
