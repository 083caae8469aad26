"""The mel image of the speech-mel system: log2 power in 128 bands, as published or corrected.

Published (system C): the first 60,000 samples, 400-point spectra, the absolute value of log2 rounded to 8 bits. The
absolute value maps quiet and loud sounds to the same number, and four bands are 0 because they contain no point of the
spectrum.

Corrected: up to 6 s, 1024-point spectra so that every band contains points, log2 relative to the loudest value, limited
to 80 dB below it and scaled to -2..2. Sound below -100 dB is silence: -2 everywhere.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Literal

import numpy as np

from gender_audio.features.axes import FeatureAxes
from gender_audio.features.mel import mel_filters, mel_frequencies, power_spectrogram
from gender_audio.fingerprint import fingerprint

OCTAVES = 8 / np.log10(2)
"""80 dB as log2 of the power."""
SILENCE = 1e-10
"""Power in a band, of samples at full scale 1, below which a clip is silent."""


@dataclass(frozen=True)
class MelImage:
    """Parameters of the feature; the variant sets the lengths, in samples at `rate` Hz."""

    variant: Literal["published", "corrected"] = "corrected"
    rate: int = 16_000
    bands: int = 128

    @property
    def limit(self) -> int:
        """Largest number of samples that are used."""
        return 60_000 if self.variant == "published" else 96_000

    @property
    def frame(self) -> int:
        """Samples of a frame, and points of its spectrum."""
        return 400 if self.variant == "published" else 1024

    @property
    def hop(self) -> int:
        """Samples from one frame to the next."""
        return 200 if self.variant == "published" else 320

    @property
    def fingerprint(self) -> str:
        """Sixteen hex digits that identify this feature; weights are valid only for the one they were trained on."""
        sizes = {"limit": self.limit, "frame": self.frame, "hop": self.hop}
        return fingerprint("melimage", {**asdict(self), **sizes})

    @property
    def axes(self) -> FeatureAxes:
        """Bands at the peaks of their filters, frames at their middles."""
        centres_hz = mel_frequencies(self.bands + 2, self.rate / 2, htk=True)[1:-1]
        return FeatureAxes.hertz(centres_hz.tolist(), self.hop / self.rate, 0.0)

    def filters(self) -> np.ndarray:
        """The triangular filters with peak 1, float32 [bands, frame / 2 + 1]."""
        return mel_filters(self.rate, self.frame, self.bands, htk=True, norm="peak")

    def __call__(self, samples: np.ndarray) -> np.ndarray:
        """Samples [n] at `rate` Hz, at least one frame, to float32 [bands, 1 + n // hop], lowest band first.

        Published values are whole numbers 0..255. Corrected values are -2..2 and independent of the level.
        """
        cut = samples[: self.limit].astype(np.float32)
        power = self.filters() @ power_spectrogram(cut, self.frame, self.hop, padding="reflect")
        return _published(power) if self.variant == "published" else _corrected(power / self.frame)


def _published(power: np.ndarray) -> np.ndarray:
    """OpenCV's `convertScaleAbs` of log2: rounded, at most 255, and 0 where the logarithm is infinite."""
    folded = np.abs(np.log2(power, where=power > 0, out=np.zeros_like(power)))
    return np.rint(folded).clip(0, 255).astype(np.float32)


def _corrected(power: np.ndarray) -> np.ndarray:
    loudest = power.max()
    if loudest < SILENCE:
        return np.full(power.shape, -2, np.float32)
    octaves = np.log2(np.maximum(power / loudest, 2**-OCTAVES))
    return (octaves * (4 / OCTAVES) + 2).astype(np.float32)
