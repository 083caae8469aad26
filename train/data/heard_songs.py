"""What the singing system hears in assembled songs, computed once and stored."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import torch
from joblib import Parallel, cpu_count, delayed
from torch import nn
from tqdm import tqdm

from gender_audio import separation, weights
from gender_audio.atomic_write import atomic_write
from gender_audio.audio import Clip
from gender_audio.calibration import Calibration
from gender_audio.systems.labels import SINGING
from gender_audio.systems.published.fireredvad import FireRedEvents
from gender_audio.systems.singing import SingingClassifier
from gender_audio.systems.timeline import FEATURES, HEARD, TimelineDecoder, TimelineModel
from train.data.assembled_songs import SongAssembler
from train.data.corpus import recordings_digest
from train.data.decoding import RATE
from train.run_records import key

SEPARATOR = "unet"


@dataclass(frozen=True, eq=False)
class HeardSong:
    """A song, its truth, and what the system hears in it.

    Attributes:
        labels: number of the label at every tenth of a second, int [t].
        label: number of the song's label.
        features: as from `TimelineModel.features`, float32 [t, 32].
        snippets: calibrated probabilities of the snippets, float32 [s, 4].
        starts_s, ends_s: of the snippets, [s].
    """

    labels: np.ndarray
    label: np.ndarray
    features: np.ndarray
    snippets: np.ndarray
    starts_s: np.ndarray
    ends_s: np.ndarray


@dataclass(frozen=True)
class SongSet:
    """Random songs of some splits, without some singers."""

    data: Path
    cache: Path
    splits: tuple[str, ...]
    count: int
    seed: int
    exclude: Collection[str] = ()

    @property
    def folder(self) -> Path:
        """Where the answers are stored. The name depends on everything that they depend on, besides the count."""
        networks = [weights.fingerprint(name) for name in HEARD]
        corpora = (recordings_digest(self.data), self.splits, self.seed, sorted(self.exclude), FEATURES)
        return self.cache / f"songs-{key(corpora, separation.separator_fingerprint(SEPARATOR), networks)}"


def hear_songs(songs: SongSet) -> list[HeardSong]:
    """Classify the songs that are not stored yet, on all cores. It can be interrupted."""
    songs.folder.mkdir(parents=True, exist_ok=True)
    paths = [songs.folder / f"{number:04d}.npz" for number in range(songs.count)]
    missing = [number for number, path in enumerate(paths) if not path.exists()]
    blocks = [missing[start :: cpu_count()] for start in range(cpu_count())]
    progress = tqdm(total=len(missing), desc="songs", unit="song")
    work = Parallel(cpu_count(), return_as="generator_unordered")(
        delayed(partial(_hear, songs))(numbers) for block in blocks for numbers in _parts(block)
    )
    for done in work:
        progress.update(done)
    return [_read(path) for path in paths]


def _parts(numbers: Sequence[int], size: int = 8) -> list[Sequence[int]]:
    return [numbers[start : start + size] for start in range(0, len(numbers), size)]


def _read(path: Path) -> HeardSong:
    with np.load(path) as stored:
        return HeardSong(**stored)


def _hear(songs: SongSet, numbers: Sequence[int]) -> int:
    """Classify some songs and store what was heard; returns how many there were."""
    torch.set_num_threads(1)
    assembler, classifier = SongAssembler(songs.data, songs.splits, songs.exclude), SingingClassifier.load(SEPARATOR)
    timeline = TimelineModel(FireRedEvents.load(), TimelineDecoder(), nn.ModuleList(), Calibration())
    for number in numbers:
        song = assembler.draw(np.random.default_rng((songs.seed, number)))
        verdict = classifier(Clip(song.samples[None], RATE))
        times = verdict.starts_s, verdict.ends_s
        with atomic_write(songs.folder / f"{number:04d}.npz") as unfinished, unfinished.open("wb") as stream:
            np.savez(
                stream,
                labels=song.labels,
                label=SINGING.labels.index(song.label),
                features=timeline.features(*times, verdict.snippet_probabilities, verdict.stems),
                snippets=verdict.snippet_probabilities,
                starts_s=times[0],
                ends_s=times[1],
            )
    return len(numbers)
