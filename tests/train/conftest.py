"""A corpus of synthesised voices in the layout of the shared one."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile

FIELDS = "path,dataset,kind,voice,singer_id,song_id,split,duration_s,genre,artist,licence"


def tone(hertz: float, seconds: float, seed: int) -> np.ndarray:
    """A buzzing tone with a little noise, float64 [n] at 16 kHz."""
    time = np.arange(round(seconds * 16_000)) / 16_000
    buzz = sum(np.sin(2 * np.pi * hertz * k * time) / k for k in range(1, 6))
    return 0.1 * buzz + 0.001 * np.random.default_rng(seed).standard_normal(len(time))


@pytest.fixture
def one_process() -> Iterator[None]:
    """Remixes are packed and variants trained in the process of the test."""
    from tests.train.here import in_process
    from train import devices
    from train.data import packed

    with in_process(packed, devices):
        yield


@pytest.fixture(scope="session")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two singers, two speakers and an accompaniment of each gender or kind, in train and val."""
    folder = tmp_path_factory.mktemp("corpus")
    rows = []
    for split in ("train", "val"):
        for number, (dataset, kind, voice, hertz) in enumerate(
            [
                ("mir1k", "singing", "male", 120),
                ("mir1k", "singing", "female", 240),
                ("choral", "singing", "male", 130),
                ("choral", "singing", "female", 260),
                ("librispeech", "speech", "male", 110),
                ("librispeech", "speech", "female", 220),
                ("mir1k", "accompaniment", "none", 700),
                ("librosa", "accompaniment", "none", 900),
            ]
        ):
            path = f"{split}-{number}.ogg"
            soundfile.write(folder / path, tone(hertz, 5.0, number), 16_000)
            singer = "" if kind == "accompaniment" else f"{split}-{number}"
            rows.append([path, dataset, kind, voice, singer, f"{split}-song", split, 5.0, "", "", "CC0"])
    with (folder / "manifest.csv").open("w", newline="", encoding="utf8") as file:
        csv.writer(file).writerows([FIELDS.split(","), *rows])
    return folder
