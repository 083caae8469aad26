"""Snippets: the three-second windows of a clip."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Windows:
    """Length and hop of the windows in seconds."""

    length_s: float = 3.0
    hop_s: float = 1.0

    def starts(self, samples: int, rate: int) -> np.ndarray:
        """Start of every window in samples, int [s]. The last one ends with the clip; a short clip has one window."""
        length, hop = round(self.length_s * rate), round(self.hop_s * rate)
        last = max(0, samples - length)
        return np.unique(np.append(np.arange(0, last + 1, hop), last))

    def cut(self, samples: np.ndarray, rate: int) -> np.ndarray:
        """Samples [..., n] to snippets [s, ..., length]; a short clip is repeated to fill its window."""
        return np.concatenate(list(self.batches(samples, rate)))

    def batches(self, samples: np.ndarray, rate: int, size: int = 2) -> Iterator[np.ndarray]:
        """The snippets of `cut`, at most `size` at a time: all of them need several times the memory of the clip."""
        length = round(self.length_s * rate)
        missing = max(0, length - samples.shape[-1])
        # Repeat instead of padding with silence: training has no silence after a voice, so the networks would
        # predict "no voice".
        padded = np.pad(samples, [(0, 0)] * (samples.ndim - 1) + [(0, missing)], "wrap") if missing else samples
        starts = self.starts(samples.shape[-1], rate)
        for first in range(0, len(starts), size):
            yield np.stack([padded[..., start : start + length] for start in starts[first : first + size]])
