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
        """What `separate` makes of float32 [..., n], chunk by chunk, one faded into the next: same shape."""
        whole = np.zeros_like(mixture)
        fade = round(self.overlap_s * rate)
        ramp = np.linspace(0, 1, fade, dtype=np.float32)
        for start, end in self.spans(mixture.shape[-1], rate):
            new = separate(mixture[..., start:end])
            if start:
                shared = slice(start, start + fade)
                new[..., :fade] = ramp * new[..., :fade] + (1 - ramp) * whole[..., shared]
            whole[..., start:end] = new
        return whole
