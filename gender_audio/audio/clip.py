"""A decoded recording, and its signal with fewer channels or at another sample rate."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import soxr
from numpy.typing import NDArray

PIECE = 2**20
"""Samples that are resampled at once."""


@dataclass(frozen=True, eq=False)
class Clip:
    """A decoded recording.

    Attributes:
        samples: float32 [channels, n], finite, nominally -1..1 (float files may exceed it).
        rate: sample rate in Hz.
        warnings: sentences for the user about what had to be repaired.
        name: of the file without its suffix; empty if it was not read from one.
    """

    samples: NDArray[np.float32]
    rate: int
    warnings: tuple[str, ...] = ()
    name: str = ""

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return self.samples.shape[1] / self.rate

    @property
    def peak(self) -> float:
        """The largest magnitude of a sample, computed without a copy because a long clip needs much memory."""
        return float(max(self.samples.max(), -self.samples.min()))

    def mono(self, rate: int) -> NDArray[np.float32]:
        """The mean of the channels at `rate` Hz, float32 [n]."""
        if rate == self.rate:
            return self.samples[0] if len(self.samples) == 1 else self.samples.mean(axis=0)
        return self._resample(rate, lambda part: part.mean(axis=0, keepdims=True))[0]

    def stereo(self, rate: int) -> NDArray[np.float32]:
        """Left and right at `rate` Hz, float32 [2, n]; two copies of the mean if there are not two channels."""
        channels = self.mono_or_stereo(rate)
        return channels if len(channels) == 2 else np.concatenate([channels, channels])

    def mono_or_stereo(self, rate: int) -> NDArray[np.float32]:
        """Both channels of a stereo clip at `rate` Hz, float32 [2, n]; the mean of any other clip, [1, n]."""
        if len(self.samples) != 2:
            return self.mono(rate)[None]
        return self.samples if rate == self.rate else self._resample(rate, lambda part: part)

    def _resample(self, rate: int, mix: Callable[[NDArray[np.float32]], NDArray[np.float32]]) -> NDArray[np.float32]:
        """Mix the channels with `mix` and resample to `rate` Hz, in pieces because a long clip needs much memory."""
        samples, channels = self.samples.shape[1], len(mix(self.samples[:, :1]))
        converter = soxr.ResampleStream(self.rate, rate, channels, dtype="float32", quality="HQ")
        resampled, done = np.zeros((channels, -(-samples * rate // self.rate)), np.float32), 0
        for start in range(0, samples, PIECE):
            piece = np.ascontiguousarray(mix(self.samples[:, start : start + PIECE]).T)
            new = converter.resample_chunk(piece, last=start + PIECE >= samples)[: resampled.shape[1] - done]
            resampled[:, done : done + len(new)] = new.T
            done += len(new)
        return resampled
