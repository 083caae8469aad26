"""The 12 x 98 MFCC image of the speech-mfcc system, as published or of the raw sound.

Pre-emphasis, 25 ms Hann frames every 10 ms without centring, 40 mel bands, decibels down to 80 dB below the loudest,
orthonormal DCT-II, 12 coefficients, sinusoidal lifter. Source: description of system B.

Published: samples at the scale of 16-bit integers, and coefficients clipped to 0..255 like the images of AudioMNIST, so
negative ones are lost. Sound: decibels relative to the loudest value, shifted to -40..40, coefficients divided by
100 and not clipped. Power below -100 dB is ignored.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Literal

import numpy as np
from scipy.fft import dct

from gender_audio.features.axes import FeatureAxes
from gender_audio.features.mel import mel_spectrogram
from gender_audio.fingerprint import fingerprint

FULL_SCALE = 32_768
RANGE_DB = 80.0
FAINTEST = 1e-10
"""Power in a mel band that replaces any smaller one."""
SCALE = 100.0


@dataclass(frozen=True)
class Mfcc:
    """Parameters of the feature; sizes in samples at `rate` Hz."""

    variant: Literal["published", "sound"] = "sound"
    rate: int = 48_000
    samples: int = 47_998
    frame: int = 1200
    hop: int = 480
    bands: int = 40
    coefficients: int = 12
    lifter: int = 22
    preemphasis: float = 0.97

    @property
    def frames(self) -> int:
        """Number of frames of one snippet."""
        return 1 + (self.samples - self.frame) // self.hop

    @property
    def fingerprint(self) -> str:
        """Sixteen hex digits that identify this feature; weights are valid only for the one they were trained on."""
        return fingerprint("mfcc", asdict(self))

    @property
    def axes(self) -> FeatureAxes:
        """Coefficients, and frames at their middles."""
        return FeatureAxes.cepstrum(self.coefficients, self.hop / self.rate, self.frame / 2 / self.rate)

    def __call__(self, samples: np.ndarray) -> np.ndarray:
        """Samples [n] at `rate` Hz to float32 [coefficients, frames]; they are padded or cut to `samples`.

        Published values are 0..255. Those of `sound` are about -6..6 and independent of the level.
        """
        if self.variant == "published":
            decibels = self.decibels(samples)
            limited = np.maximum(decibels, decibels.max() - RANGE_DB)
            return self.cepstra(limited).clip(0, 255).astype(np.float32)
        power = self._power(samples)
        loudest = max(float(power.max()), FAINTEST)
        relative = 10 * np.log10(np.maximum(power / loudest, 10 ** (-RANGE_DB / 10))) + RANGE_DB / 2
        return (self.cepstra(relative) / SCALE).astype(np.float32)

    def decibels(self, samples: np.ndarray) -> np.ndarray:
        """Samples [n] to the mel bands of the published image in dB, float64 [bands, frames], -100 or more."""
        return 10 * np.log10(np.maximum(self._power(samples.astype(np.float64) * FULL_SCALE), FAINTEST))

    def _power(self, samples: np.ndarray) -> np.ndarray:
        cut = samples[: self.samples].astype(np.float64)
        padded = np.pad(cut, (0, self.samples - len(cut)))
        emphasised = np.append(padded[0], padded[1:] - self.preemphasis * padded[:-1])
        return mel_spectrogram(emphasised, self.rate, self.frame, self.hop, self.bands, centre=False)

    def cepstra(self, decibels: np.ndarray) -> np.ndarray:
        """Mel bands in decibels [bands, frames] to liftered cepstral coefficients [coefficients, frames]."""
        weights = 1 + self.lifter / 2 * np.sin(np.pi * np.arange(1, self.coefficients + 1) / self.lifter)
        return dct(decibels, axis=0, norm="ortho")[: self.coefficients] * weights[:, None]
