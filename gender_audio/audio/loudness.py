"""Level over time: which parts of a signal are silent, and which is the loudest."""

from __future__ import annotations

import numpy as np

SILENCE = 1e-4
"""RMS, at full scale 1, below which a snippet is always silent."""
QUIET_DB = 35.0
"""A snippet is also silent if it is this far below the loudest one of its clip."""
FAINTEST = 1e-10
"""Mean square below which differences of level do not count."""


def audible(snippets: np.ndarray) -> np.ndarray:
    """Whether each of the snippets [s, n] is not silent, bool [s]."""
    level = np.sqrt(np.mean(np.square(snippets, dtype=np.float64), axis=1))
    return level > max(SILENCE, level.max() * 10 ** (-QUIET_DB / 20))


def loudest(samples: np.ndarray, length: int) -> np.ndarray:
    """The `length` consecutive samples with the most energy; all samples if there are no more."""
    if len(samples) <= length:
        return samples
    energy = np.cumsum(np.square(samples, dtype=np.float64))
    start = int((energy[length:] - energy[:-length]).argmax()) + 1
    return samples[start : start + length]


def trim_bounds(samples: np.ndarray, range_db: float, frame: int, hop: int) -> tuple[int, int]:
    """First sample, and the one after the last, of samples [n] without silent ends.

    A centred frame is silent if it is more than `range_db` below the loudest frame. Same result as
    `librosa.effects.trim`.
    """
    energy = np.cumsum(np.square(np.pad(samples, (frame // 2 + 1, frame // 2)), dtype=np.float64))
    starts = np.arange(0, len(energy) - frame, hop)
    power = np.maximum((energy[starts + frame] - energy[starts]) / frame, FAINTEST)
    sounding = np.flatnonzero(power > power.max() * 10 ** (-range_db / 10))
    return int(sounding[0]) * hop, min(len(samples), (int(sounding[-1]) + 1) * hop)
