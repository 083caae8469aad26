"""Only accompaniments that are also in the training data are found."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
import soundfile

from train.data.corpus import Source
from train.data.known_accompaniments import find_known_accompaniments
from train.data.readers.manifest import COLUMNS

RATE = 8_000
Corpus = dict[str, tuple[str, str, np.ndarray]]


def music(seed: int, seconds: float = 12) -> np.ndarray:
    """A piece of random notes."""
    rng = np.random.default_rng(seed)
    notes = [np.sin(np.arange(RATE // 4) * 2 * np.pi * rng.uniform(60, 300) / RATE) for _ in range(round(4 * seconds))]
    return 0.3 * np.concatenate(notes)


def write_corpus(folder: Path, corpus: Corpus) -> Path:
    """Write a corpus of accompaniments: path to split, song and samples."""
    with (folder / "manifest.csv").open("w", newline="") as file:
        table = csv.DictWriter(file, COLUMNS, restval="CC0", extrasaction="ignore")
        table.writeheader()
        for name, (split, song, samples) in corpus.items():
            soundfile.write(folder / name, samples, RATE)
            row = Source(name, "any", "accompaniment", "none", "", song, split)
            table.writerow(vars(row))
    return folder


def test_accompaniment_is_found_by_sound_or_song(tmp_path: Path) -> None:
    noise = np.random.default_rng(9).normal(0, 0.02, 6 * RATE)
    corpus: Corpus = {
        "track.wav": ("train", "amy:1", music(1)),
        "loop.wav": ("train", "album:loop", music(2)),
        "same.wav": ("test", "leon:1", 0.5 * music(1)[3 * RATE : 9 * RATE] + noise),
        "later.wav": ("test", "leon:1", music(3)),
        "named.wav": ("test", "album:loop", music(4)),
        "new.wav": ("test", "leon:2", music(5)),
        "brief.wav": ("test", "leon:3", music(6, 1)),
        "silent.wav": ("test", "leon:4", np.zeros(RATE)),
    }
    assert find_known_accompaniments(write_corpus(tmp_path, corpus)) == {"same.wav", "later.wav", "named.wav"}


@pytest.mark.parametrize("gain", [-1.0, 0.01])
def test_accompaniment_is_found_at_other_level_and_polarity(tmp_path: Path, gain: float) -> None:
    corpus: Corpus = {"a.wav": ("train", "a", music(1)), "b.wav": ("test", "b", gain * music(1)[RATE : 7 * RATE])}
    assert find_known_accompaniments(write_corpus(tmp_path, corpus)) == {"b.wav"}
