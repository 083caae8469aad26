"""Repair of the samples of a recording: constant offsets, and two channels that cancel each other."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

OFFSET = 0.002
"""Mean of the samples, at full scale 1, above which it is an offset of the sound card; sound has the mean 0."""
OFFSET_SHARE = 0.05
"""Share of the RMS that such a mean must exceed as well."""
CANCELLED_DB = 15.0
"""Two channels whose mean is this far below them cancel each other, as a balanced line in a stereo input does."""
PIECE = 2**20
"""Samples that are multiplied at once."""

CENTRED = "This recording had a constant offset, as some sound cards add; it was removed."
INVERTED = "The two channels of this recording cancelled each other; one of them was inverted."


def repair(samples: NDArray[np.float32]) -> list[str]:
    """Remove the mean of samples [channels, n] and invert the second of two channels that cancel each other, in place.

    Returns:
        A sentence for the user about each repair.
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
        notes.append(INVERTED)
    return notes


def _power(samples: NDArray[np.float32]) -> NDArray[np.float64]:
    """Mean products of each pair of channels of [channels, n], [channels, channels]."""
    pieces = (samples[:, start : start + PIECE] for start in range(0, samples.shape[1], PIECE))
    return np.sum([(piece @ piece.T).astype(np.float64) for piece in pieces], 0) / samples.shape[1]
