"""Pieces of music on both sides of a split: singers shared karaoke tracks, and albums have their loops."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import soxr
from scipy.signal import oaconvolve
from tqdm import tqdm

from gender_audio.audio.loudness import loudest
from train.data.library import Source, read_audio, sources

RATE = 1_000
"""Hz: enough to tell whether two recordings are one."""
LENGTH = 3 * RATE
SAME = 0.6
"""Correlation from which two stretches are of one piece: the same recording has nearly 1, another piece a third."""


def find_known_accompaniments(data: Path, split: str = "test", known: str = "train") -> set[str]:
    """The accompaniments of one split, by path, of whose song something also sounds in those of another split.

    Each is looked for by its loudest three seconds; a song counts as found with any of its recordings.
    """
    searched = [source for source in sources(data, split) if source.kind == "accompaniment"]
    others = [source for source in sources(data, known) if source.kind == "accompaniment"]
    songs = {other.song_id for other in others}
    heard = np.concatenate([np.pad(_samples(data, other), (0, LENGTH)) for other in others])
    total = np.cumsum(np.pad(np.square(heard, dtype=np.float64), (1, 0)))
    level = np.sqrt(np.maximum(total[LENGTH:] - total[:-LENGTH], 1e-9))
    for source in tqdm(searched, desc="find pieces", unit="clip"):
        if source.song_id not in songs and _likeness(_samples(data, source), heard, level) > SAME:
            songs.add(source.song_id)
    return {source.path for source in searched if source.song_id in songs}


def _samples(data: Path, source: Source) -> np.ndarray:
    samples, rate = read_audio(data / source.path)
    return soxr.resample(samples.mean(1), rate, RATE)


def _likeness(samples: np.ndarray, heard: np.ndarray, level: np.ndarray) -> float:
    """The highest correlation of the loudest stretch of samples [n] with any of `heard`, whose norms are `level`."""
    stretch = loudest(samples, LENGTH)
    stretch = np.pad(stretch, (0, LENGTH - len(stretch)))
    found = oaconvolve(heard, stretch[::-1], mode="valid") / level
    return float(np.abs(found).max() / max(float(np.linalg.norm(stretch)), 1e-9))
