"""What is put right in the samples of a recording before anyone listens to them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

OFFSET = 0.002
"""A mean of the samples, at full scale 1, from which a sound card added it; sound has none."""
OFFSET_SHARE = 0.05
"""And the share of the level that it must have."""
CANCELLED_DB = 15.0
"""Two channels whose mean is this far below them cancel each other, as a balanced line in a stereo input does."""
PIECE = 2**20  # samples that are looked at at once

CENTRED = "This recording had a constant offset, as some sound cards add; it was taken out."
TURNED = "The two channels of this recording cancelled each other; one of them was turned over."


def repair(samples: NDArray[np.float32]) -> list[str]:
    """Centre samples [channels, n] and turn over the second of two that cancel each other, in place.

    Returns:
        What was done, in sentences for the user.
    """
    notes = []
    means = samples.mean(1, dtype=np.float64)
    power = _power(samples)
    if (np.abs(means) > np.maximum(OFFSET, OFFSET_SHARE * np.sqrt(np.diag(power)))).any():
        samples -= means[:, None].astype(np.float32)
        power -= np.outer(means, means)
        notes.append(CENTRED)
    if len(samples) == 2 and power.mean() < power.max() * 10 ** (-CANCELLED_DB / 10):
        np.negative(samples[1], out=samples[1])
        notes.append(TURNED)
    return notes


def _power(samples: NDArray[np.float32]) -> NDArray[np.float64]:
    """Mean products of the channels of [channels, n] with one another, [channels, channels]."""
    pieces = (samples[:, start : start + PIECE] for start in range(0, samples.shape[1], PIECE))
    return np.sum([(piece @ piece.T).astype(np.float64) for piece in pieces], 0) / samples.shape[1]
