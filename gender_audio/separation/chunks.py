"""Separates long clips in overlapping chunks, so that memory does not grow with the length of the clip."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Chunks:
    """Chunks of `length_s` seconds; each shares `overlap_s` seconds with the next one."""

    length_s: float = 6.0
    overlap_s: float = 1.0

    def spans(self, samples: int, rate: int) -> Iterator[tuple[int, int]]:
        """Start and end of every chunk, in samples; the last one ends with the clip."""
        length, step = round(self.length_s * rate), round((self.length_s - self.overlap_s) * rate)
        for start in range(0, max(1, samples - (length - step)), step):
            yield start, min(start + length, samples)

    def apply(self, separate: Callable[[np.ndarray], np.ndarray], mixture: np.ndarray, rate: int) -> np.ndarray:
        """Apply `separate` to a mixture, float32 [..., n], chunk by chunk, with a linear crossfade between chunks.

        The result, of the same shape, overwrites the mixture: a long clip leaves no room for both.
        """
        fade = round(self.overlap_s * rate)
        ramp = np.linspace(0, 1, fade, dtype=np.float32)
        overlap = mixture[..., :0]  # original samples that the previous chunk has overwritten
        for start, end in self.spans(mixture.shape[-1], rate):
            unread = start + overlap.shape[-1]
            chunk = np.concatenate([overlap, mixture[..., unread:end]], -1)
            overlap = mixture[..., max(unread, end - fade) : end].copy()
            separated = separate(chunk)
            if start:
                previous = mixture[..., start : start + fade]
                separated[..., :fade] = ramp * separated[..., :fade] + (1 - ramp) * previous
            mixture[..., start:end] = separated
        return mixture
