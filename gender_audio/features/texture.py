"""Summary of a whole song in 205 numbers: statistics of its stack over time, independent of its length.

Timbre (mean and deviation of the MFCC, and of their differences), tonality (chroma sorted by strength, so that the key
does not matter, and the contrast between peaks and valleys of the mel bands), distribution of loudness, and the
modulation of sixteen bands at 0.2 to 10 Hz (idea: Tzanetakis & Cook 2002; the parameters are this project's own).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from itertools import pairwise

import numpy as np
from scipy.signal import welch

from gender_audio.features.stack import Stack
from gender_audio.fingerprint import fingerprint

FLOOR = 1e-6


@dataclass(frozen=True)
class Texture:
    """Parameters of the feature.

    Attributes:
        beats_hz: edges of the bands of modulation frequency.
        segment: frames of each modulation spectrum; a shorter song is repeated to fill it.
        groups: number of bands whose modulation is measured.
        octaves: number of bands whose spectral contrast is measured.
        edge: number of mel bands that count as peaks, and as valleys, of such a band.
        quantiles: quantiles of the loudness over time.
    """

    stack: Stack = Stack()
    beats_hz: tuple[float, ...] = (0.2, 0.5, 1.0, 2.0, 3.0, 4.5, 7.0, 10.8)
    segment: int = 256
    groups: int = 16
    octaves: int = 8
    edge: int = 3
    quantiles: tuple[float, ...] = (0.05, 0.25, 0.5, 0.75, 0.95)

    @property
    def fingerprint(self) -> str:
        """Sixteen hex digits that identify this feature; weights are valid only for the one they were trained on."""
        return fingerprint("texture", asdict(self))

    @property
    def size(self) -> int:
        """Number of values of a song."""
        beats = self.groups * (len(self.beats_hz) - 1)
        return 3 * self.stack.mfcc + self.stack.chroma + 2 * self.octaves + len(self.quantiles) + beats

    def __call__(self, song: np.ndarray) -> np.ndarray:
        """A song's consistent stack [rows, frames] to its texture, float32 [size]."""
        song = song.astype(np.float64)
        song = np.pad(song, [(0, 0), (0, max(0, self.segment - song.shape[1]))], "wrap")
        mel, cepstrum, pitch = (song[rows] for rows in self.stack.blocks.values())
        peaks = np.sort(mel.reshape(self.octaves, -1, mel.shape[1]), 1)
        contrast = peaks[:, -self.edge :].mean(1) - peaks[:, : self.edge].mean(1)
        parts = [
            cepstrum.mean(1),
            cepstrum.std(1),
            np.diff(cepstrum).std(1),
            np.sort(pitch, 0).mean(1),
            np.stack([contrast.mean(1), contrast.std(1)], 1).ravel(),
            np.quantile(mel.mean(0), self.quantiles),
            self._modulation(mel),
        ]
        return np.concatenate(parts).astype(np.float32)

    def _modulation(self, mel: np.ndarray) -> np.ndarray:
        """Logarithm of the modulation power of each group and band of modulation frequency."""
        bands = mel.reshape(self.groups, -1, mel.shape[1]).mean(1)
        hertz, power = welch(bands, self.stack.rate / self.stack.hop, nperseg=self.segment)
        strength = [power[:, (hertz >= low) & (hertz < high)].mean(1) for low, high in pairwise(self.beats_hz)]
        return np.log(np.stack(strength, 1) + FLOOR).ravel()
