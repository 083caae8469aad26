"""Small synthesised corpora in the layout of the shared ones."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
from joblib import parallel_config

from gender_audio.features.mfcc import Mfcc
from gender_audio.systems.labels import SINGING

FIELDS = "path,dataset,kind,voice,singer_id,song_id,split,duration_s,genre,artist,licence"
SONG_RATE = 11_025
HERTZ = {"male": 110, "female": 220}


def tone(hertz: float, seconds: float, seed: int) -> np.ndarray:
    """A harmonic tone with a little noise, float64 [n] at 16 kHz."""
    time = np.arange(round(seconds * 16_000)) / 16_000
    buzz = sum(np.sin(2 * np.pi * hertz * k * time) / k for k in range(1, 6))
    return 0.1 * buzz + 0.001 * np.random.default_rng(seed).standard_normal(len(time))


def loudness(samples: np.ndarray) -> float:
    """Mean power of samples [n] in dB."""
    return float(10 * np.log10(np.mean(np.square(samples)) + 1e-20))


@pytest.fixture(autouse=True, scope="session")
def joblib_in_threads() -> Iterator[None]:
    """Run joblib in threads: worker processes take seconds to start."""
    with parallel_config(backend="threading"):
        yield


@pytest.fixture
def one_process() -> Iterator[None]:
    """Build remix caches and train in the process of the test."""
    from tests.train.pools import in_process
    from train.data import remix_cache
    from train.engine import hardware

    with in_process(remix_cache, hardware):
        yield


@pytest.fixture(scope="session")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four singers, two speakers and two accompaniments each in train and val."""
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


@pytest.fixture(scope="session")
def speech(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four speakers of each label in each split, as tones with a pause, and cepstra of such digits."""
    folder = tmp_path_factory.mktemp("speech")
    rows = []
    for split in ("train", "val", "test"):
        for voice_, hertz in HERTZ.items():
            for number in range(4):
                path, name = f"{split}-{voice_}-{number}.wav", f"{split}:{voice_}{number}"
                samples = tone(hertz * (1 + 0.05 * number), 2.5, number)
                samples[16_000:22_000] *= 1e-4
                soundfile.write(folder / path, samples, 16_000)
                rows.append([path, "librispeech", "speech", voice_, name, "", split, 2.5, "", "", "CC0"])
    with (folder / "manifest.csv").open("w", newline="", encoding="utf8") as file:
        csv.writer(file).writerows([FIELDS.split(","), *rows])
    feature, images, genders, speakers = Mfcc("published"), [], [], []
    for number in range(24):
        female = number % 2
        samples = tone(HERTZ["female" if female else "male"] * (1 + 0.01 * (number // 4)), 1.0, number)
        images.append(feature(np.repeat(samples, 3) * 0.05).astype(np.uint8))
        genders.append("mf"[female])
        speakers.append(number // 2 % 6 * 2 + female + 1)
    np.savez(
        folder / "audiomnist_mfcc.npz",
        mfcc=np.stack(images),
        gender=np.array(genders),
        speaker=np.array(speakers, np.uint8),
    )
    return folder


def write_validation_rows(folder: Path) -> None:
    """Write a validation file with four rows of each label."""
    parts = {"male": "val-0.ogg", "female": "val-1.ogg", "multiple": "val-2.ogg", "none": ""}
    fields = "id label kind voice1 voice1_at voice2 voice2_at gain2_db acc1 acc1_at acc2 acc2_at acc2_gain_db snr_db"
    with (folder / "remix_val.csv").open("w", newline="") as file:
        table = csv.DictWriter(file, [*fields.split(), "singers"], restval="")
        table.writeheader()
        for label in sorted(SINGING.labels * 4):
            voice = {"voice1": parts[label], "voice1_at": 0} if parts[label] else {}
            second = {"voice2": "val-3.ogg", "voice2_at": 0, "gain2_db": 0} if label == "multiple" else {}
            kind = "sung" if voice else "instrumental"
            table.writerow(
                {"id": label, "label": label, "kind": kind, "acc1": "val-6.ogg", "acc1_at": 0, "snr_db": 0}
                | voice
                | second
            )


def record_song(path: Path, label: int, seed: int) -> None:
    """Twelve seconds: beaten noise for the genre, a held chord for the rest."""
    rng, time_s = np.random.default_rng(seed), np.arange(12 * SONG_RATE) / SONG_RATE
    chord = sum(np.sin(2 * np.pi * hertz * (1 + seed / 50) * time_s) for hertz in (220, 277, 330))
    sound = chord if label else rng.standard_normal(len(time_s)) * (np.sin(2 * np.pi * 2 * time_s) > 0)
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, 0.1 * (sound + 0.01 * rng.standard_normal(len(time_s))), SONG_RATE)


@pytest.fixture(scope="session")
def song_folders(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Two folders with eight artists each."""
    folder = tmp_path_factory.mktemp("songs")
    for label, name in enumerate(("rock", "rest")):
        for number in range(8):
            record_song(folder / name / f"artist {label}{number}" / "song.wav", label, number)
    return folder / "rock", folder / "rest"
