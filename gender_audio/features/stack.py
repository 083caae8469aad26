"""The (160, 216) stack of the genre system: 128 mel bands, 20 MFCC and 12 chroma as rows of one array.

Ten seconds at 11,025 Hz, centred frames of 2,048 samples every 512. Silence at both ends is removed first, so added
silence has no effect. Source: system D, whose mel filters were an octave off because of a wrong sample rate.

Raw: peak-normalised, with mel bands as power, MFCC of decibels, and chroma 0..1 at the estimated tuning, as system D.
Consistent: all values about -2..2 and independent of level. Mel bands are in dB relative to the loudest point, at least
-80; the MFCC are the cosine transform of these values; chroma assume A = 440 Hz, so that snippets are comparable.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from itertools import pairwise

import numpy as np
from scipy.fft import dct

from gender_audio.audio.loudness import trim_bounds
from gender_audio.features.framing import Windows
from gender_audio.features.mel import chroma, mel_filters, power_spectrogram, power_to_db
from gender_audio.features.tuning import estimate_tuning
from gender_audio.fingerprint import fingerprint

RANGE_DB = 80.0
TRIM_DB = 60.0
SILENCE = 1e-10
"""Mel power of silence, -100 dB."""


@dataclass(frozen=True)
class Stack:
    """Parameters of the feature; sizes in samples at `rate` Hz, lengths in seconds."""

    rate: int = 11_025
    length_s: float = 10.0
    step_s: float = 5.0
    fft: int = 2048
    hop: int = 512
    mel: int = 128
    mfcc: int = 20
    chroma: int = 12
    consistent: bool = True

    @property
    def rows(self) -> int:
        """Number of rows."""
        return self.mel + self.mfcc + self.chroma

    @property
    def frames(self) -> int:
        """Number of frames of one snippet."""
        return 1 + round(self.length_s * self.rate) // self.hop

    @property
    def blocks(self) -> dict[str, slice]:
        """Name of each part to its rows."""
        edges = (0, self.mel, self.mel + self.mfcc, self.rows)
        return {name: slice(*pair) for name, pair in zip(("mel", "mfcc", "chroma"), pairwise(edges), strict=True)}

    @property
    def windows(self) -> Windows:
        """How a song is cut into snippets."""
        return Windows(self.length_s, self.step_s)

    @property
    def fingerprint(self) -> str:
        """Sixteen hex digits that identify this feature; weights are valid only for the one they were trained on."""
        return fingerprint("stack", asdict(self))

    def bounds(self, samples: np.ndarray) -> tuple[int, int]:
        """First sample, and the one after the last, of samples [n] without silent ends; everything if all is silent."""
        if not samples.any():
            return 0, len(samples)
        return trim_bounds(samples, TRIM_DB, self.fft, self.hop)

    def cut(self, samples: np.ndarray) -> np.ndarray:
        """Samples [n] without silent ends to snippets [s, length]; a shorter song is repeated to fill one snippet."""
        missing = max(0, round(self.length_s * self.rate) - len(samples))
        return self.windows.cut(np.pad(samples, (0, missing), "wrap"), self.rate)

    def __call__(self, samples: np.ndarray) -> np.ndarray:
        """Samples [n] of a snippet or a whole song to the stack, float32 [rows, 1 + n // hop]."""
        loudest = float(np.abs(samples).max(initial=0)) or 1.0
        power = power_spectrogram(samples / loudest, self.fft, self.hop)
        mel = mel_filters(self.rate, self.fft, self.mel) @ power
        tuning = 0.0 if self.consistent else estimate_tuning(power, self.rate, self.chroma)
        pitch = chroma(power, self.rate, self.chroma, tuning)
        if self.consistent:
            peak = max(float(mel.max()), SILENCE)
            loudness = power_to_db(mel / peak).clip(min=-RANGE_DB) * (4 / RANGE_DB) + 2
            parts = [loudness, self._cepstra(loudness) / 4, 4 * pitch - 2]
        else:
            parts = [mel, self._cepstra(power_to_db(mel, range_db=RANGE_DB)), pitch]
        return np.concatenate(parts).astype(np.float32)

    def _cepstra(self, mel: np.ndarray) -> np.ndarray:
        return dct(mel, axis=0, norm="ortho")[: self.mfcc]

    def statistics(self, stack: np.ndarray) -> np.ndarray:
        """A stack [rows, frames] to its means and covariances, float32 [rows + mel² + mfcc² + chroma²]: 17,088.

        The means of the three blocks, then their covariances; each of the six parts is scaled to length 1.
        """
        blocks = [stack[rows].astype(np.float64) for rows in self.blocks.values()]
        parts = [block.mean(1) for block in blocks] + [np.cov(block, bias=True).ravel() for block in blocks]
        return np.concatenate([part / max(float(np.linalg.norm(part)), 1e-12) for part in parts]).astype(np.float32)

    def distinct(self, statistics: np.ndarray) -> np.ndarray:
        """Statistics [..., 17088] without the symmetric half of each covariance matrix, [..., 8704]."""
        indices: list[np.ndarray] = [np.arange(self.rows)]
        start = self.rows
        for size in (self.mel, self.mfcc, self.chroma):
            indices.append(start + np.ravel_multi_index(np.triu_indices(size), (size, size)))
            start += size**2
        return statistics[..., np.concatenate(indices)]
