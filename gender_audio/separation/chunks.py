"""Long clips in pieces that overlap, so that memory does not grow with what is separated at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Chunks:
    """How a long clip is cut: pieces of `length_s` seconds that share `overlap_s` seconds with the next one."""

    length_s: float = 6.0
    overlap_s: float = 1.0

    def spans(self, samples: int, rate: int) -> Iterator[tuple[int, int]]:
        """Start and end of every chunk, in samples; the last one ends with the clip."""
        length, step = round(self.length_s * rate), round((self.length_s - self.overlap_s) * rate)
        for start in range(0, max(1, samples - (length - step)), step):
            yield start, min(start + length, samples)

    def apply(self, separate: Callable[[np.ndarray], np.ndarray], mixture: np.ndarray, rate: int) -> np.ndarray:
        """What `separate` makes of float32 [..., n], chunk by chunk, one faded into the next: same shape.

        It takes the place of the mixture, for a long clip has no room for both.
        """
        fade = round(self.overlap_s * rate)
        ramp = np.linspace(0, 1, fade, dtype=np.float32)
        shared = mixture[..., :0]  # of the chunk before, as it was
        for start, end in self.spans(mixture.shape[-1], rate):
            known = start + shared.shape[-1]
            piece = np.concatenate([shared, mixture[..., known:end]], -1)
            shared = mixture[..., max(known, end - fade) : end].copy()
            new = separate(piece)
            if start:
                new[..., :fade] = ramp * new[..., :fade] + (1 - ramp) * mixture[..., start : start + fade]
            mixture[..., start:end] = new
        return mixture
