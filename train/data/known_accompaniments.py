"""Finds test accompaniments that are also in the training data, such as shared karaoke tracks and loops of an album."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import soxr
from scipy.signal import oaconvolve
from tqdm import tqdm

from gender_audio.audio.loudness import loudest
from train.data.corpus import Source, read_sources
from train.data.decoding import read_audio

RATE = 1_000
"""Sample rate of the comparison, in Hz."""
LENGTH = 3 * RATE
THRESHOLD = 0.6
"""Correlation above which two excerpts are the same music. Equal recordings have nearly 1, others about a third."""


def find_known_accompaniments(data: Path, split: str = "test", reference_split: str = "train") -> set[str]:
    """The accompaniments of one split, by path, whose song is also in the reference split.

    The loudest three seconds of each are cross-correlated with the reference split. If one recording of a song matches,
    all recordings of that song count.
    """
    queries = [source for source in read_sources(data, split) if source.kind == "accompaniment"]
    others = [source for source in read_sources(data, reference_split) if source.kind == "accompaniment"]
    songs = {other.song_id for other in others}
    reference = np.concatenate([np.pad(_samples(data, other), (0, LENGTH)) for other in others])
    energy = np.cumsum(np.pad(np.square(reference, dtype=np.float64), (1, 0)))
    norms = np.sqrt(np.maximum(energy[LENGTH:] - energy[:-LENGTH], 1e-9))
    for source in tqdm(queries, desc="find accompaniments", unit="clip"):
        if source.song_id not in songs and _correlation(_samples(data, source), reference, norms) > THRESHOLD:
            songs.add(source.song_id)
    return {source.path for source in queries if source.song_id in songs}


def _samples(data: Path, source: Source) -> np.ndarray:
    samples, rate = read_audio(data / source.path)
    return soxr.resample(samples.mean(1), rate, RATE)


def _correlation(samples: np.ndarray, reference: np.ndarray, norms: np.ndarray) -> float:
    """The highest correlation of the loudest excerpt of samples [n] with any excerpt of `reference`, of these norms."""
    excerpt = loudest(samples, LENGTH)
    excerpt = np.pad(excerpt, (0, LENGTH - len(excerpt)))
    correlation = oaconvolve(reference, excerpt[::-1], mode="valid") / norms
    return float(np.abs(correlation).max() / max(float(np.linalg.norm(excerpt)), 1e-9))
