"""Recipe `genre`: every method of the genre system, cross-fitted over artists, chosen and calibrated out of fold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from sklearn.metrics import balanced_accuracy_score
from torch import Tensor, nn
from tqdm import tqdm

from gender_audio import weights
from gender_audio.calibration import Calibration
from gender_audio.features.stack import Stack
from gender_audio.models.genre_song import RBFSVM
from gender_audio.systems.genre_features import SongFeatureExtractor, SongFeatures
from gender_audio.systems.genre_models import (
    AGGREGATORS,
    METHODS,
    GenreModels,
    NetworkSizes,
)
from gender_audio.systems.labels import GENRE
from gender_audio.systems.music_embedding import SYSTEM as TAGGER
from gender_audio.systems.music_embedding import MusicEmbedding
from train.data.songs import Song, load_features, song_folds
from train.data.validation import LayoutError
from train.engine.augment import StackSpecAugment
from train.engine.calibrate import calibrate
from train.engine.fit import Schedule
from train.recipes.crossfit import Learner, Rows, crossfit, machine, networks, regression
from train.run_records import key

FEATURE = Stack()
SNIPPETS = Schedule(samples=7_200, batch=32, rate=2e-3, rounds=6, decay=2e-2, workers=0)
SONGS = Schedule(samples=1_440, batch=16, rate=3e-3, rounds=6, decay=2e-2, workers=0)
STATISTICS = Schedule(samples=6_400, batch=32, rate=1e-3, rounds=8, decay=1e-1, workers=0, half=False)
SEQUENCES = Schedule(samples=6_400, batch=32, rate=2e-2, rounds=8, decay=1e-3, workers=0, half=False)
MIXUP = 0.3
NETWORKS = ("picture", "line", "song", "statistics", *AGGREGATORS, "CNN-FCN", "1D-CNN", "FC-FD")
QUICK: dict[str, Any] = {
    "folds": 3,
    "schedules": dict.fromkeys(NETWORKS, Schedule(samples=16, batch=8, rate=1e-3, rounds=1, workers=0)),
}
"""Of a recipe that is only to run."""


def learners(sizes: NetworkSizes) -> dict[str, Learner]:
    """How the network of each name learns."""
    aggregators = {name: Learner(partial(sizes.build, name), SEQUENCES) for name in AGGREGATORS}
    return {
        "picture": Learner(partial(sizes.build, "picture"), SNIPPETS, StackSpecAugment(), MIXUP),
        "line": Learner(partial(sizes.build, "line"), SNIPPETS, StackSpecAugment(), MIXUP),
        "song": Learner(partial(sizes.build, "song"), SONGS, StackSpecAugment(frames=100)),
        "statistics": Learner(partial(sizes.build, "statistics"), STATISTICS),
        **aggregators,
    }


@dataclass(frozen=True)
class Recipe:
    """Everything that the methods depend on.

    Attributes:
        songs: of both splits; nothing is learnt from those of `test`.
        cache: folder for what was heard and for checkpoints.
        folds: networks of each kind.
        schedules: name of a network, or of one of system D's, to its schedule, where it is not the usual one.
    """

    songs: tuple[Song, ...]
    cache: Path
    seed: int = 0
    folds: int = 6
    sizes: NetworkSizes = field(default_factory=NetworkSizes)
    schedules: Mapping[str, Schedule] = field(default_factory=dict)

    def of(self, split: str) -> list[Song]:
        """The songs of one split."""
        return [song for song in self.songs if song.split == split]

    def learner(self, name: str) -> Learner:
        """How a network learns here."""
        usual = learners(self.sizes)[name]
        return Learner(usual.build, self.schedules.get(name, usual.schedule), usual.holes, usual.mixup)

    def run(self, name: str) -> Path:
        """Where a network's checkpoints lie."""
        learnt = self.of("development")
        dealt = zip(learnt, song_folds(learnt, self.folds, self.seed).tolist(), strict=True)
        songs = [(song.file, song.artist, song.label, fold) for song, fold in dealt]
        learner = self.learner(name)
        fields = (learner.schedule, learner.holes, learner.mixup, self.sizes, self.folds, self.seed)
        heard = (self.run("picture").name,) if name in AGGREGATORS else ()
        return self.cache / f"genre-{name}-{key(songs, FEATURE.fingerprint, *fields, *heard)}"


@dataclass(frozen=True, eq=False)
class Trained:
    """The methods, and what is needed to measure them.

    Attributes:
        folds: of the development songs, int [n].
        answers: method to its out-of-fold probabilities of the development songs, float32 [n, 2].
        snippets: out-of-fold probabilities of each development song's snippets, [s, 2] each.
        chosen: the method of the highest balanced accuracy out of fold.
        calibration: of the chosen method, fitted out of fold.
    """

    methods: GenreModels
    folds: np.ndarray
    answers: dict[str, np.ndarray]
    snippets: list[np.ndarray]
    chosen: str
    calibration: Calibration


def hearing() -> SongFeatureExtractor:
    """What all songs are heard with."""
    return SongFeatureExtractor(FEATURE, MusicEmbedding.load())


def hear(recipe: Recipe) -> None:
    """Hear all songs, those of the test as well, before hours of learning: some may not be songs at all.

    Raises:
        LayoutError: files cannot be used; the text has a line for each.
    """
    ears, problems = hearing(), []
    for song in tqdm(recipe.songs, desc="hear", unit="song"):
        try:
            load_features(song, ears, recipe.cache)
        except ValueError as error:
            problems.append(str(error))
    if problems:
        raise LayoutError("\n".join(problems))


def remember(recipe: Recipe, split: str) -> list[SongFeatures]:
    """What is heard of the songs of one split."""
    ears = hearing()
    return [
        load_features(song, ears, recipe.cache) for song in tqdm(recipe.of(split), desc=f"hear {split}", unit="song")
    ]


def train(recipe: Recipe) -> Trained:
    """Train whatever is not there yet; finished networks are only loaded.

    Raises:
        ValueError: a file cannot be used, or there are too few artists for the folds.
    """
    torch.set_num_threads(1)
    heard, labels, parts = learnt = development(recipe)
    made = {name: fit(recipe, name, rows(name, heard, labels, parts)) for name in ("picture", "line", "song")}
    made["statistics"] = fit(recipe, "statistics", rows("statistics", heard, labels, parts))
    for name, learn in {"texture": machine, "tagger": regression}.items():
        made[name] = crossfit(learn, np.stack([getattr(one, name) for one in heard]), labels, parts)
    pictures = GenreModels({"picture": made["picture"]})
    snippets = [pictures.snippet_probabilities(one, part) for one, part in zip(heard, parts, strict=True)]
    for name in AGGREGATORS:
        made[name] = fit(recipe, name, sequences(snippets, labels, parts))
    return judge(GenreModels(made), *learnt)


def development(recipe: Recipe) -> tuple[list[SongFeatures], np.ndarray, np.ndarray]:
    """What is heard of the development songs, and their labels and folds, int [n] each."""
    songs = recipe.of("development")
    labels = np.array([song.label for song in songs])
    return remember(recipe, "development"), labels, song_folds(songs, recipe.folds, recipe.seed)


def judge(methods: GenreModels, heard: Sequence[SongFeatures], labels: np.ndarray, parts: np.ndarray) -> Trained:
    """Ask every fold's methods about its own songs, choose and calibrate.

    The folds must be those they were trained in: they say which songs each one's networks never met.
    """
    snippets = [methods.snippet_probabilities(one, part) for one, part in zip(heard, parts, strict=True)]
    said = [methods(one, part) for one, part in zip(heard, parts, strict=True)]
    answers = {name: np.stack([one[name] for one in said]) for name in METHODS}
    chosen = max(METHODS, key=lambda name: balanced_accuracy_score(labels, answers[name].argmax(1)))
    calibration = calibrate(answers[chosen].astype(float), labels)
    return Trained(methods, parts, answers, snippets, chosen, calibration)


def fit(recipe: Recipe, name: str, learnt: Rows) -> nn.ModuleList:
    """The networks of one name, one for each fold."""
    return networks(recipe.learner(name), learnt, recipe.folds, recipe.run(name), recipe.seed)


def rows(name: str, heard: Sequence[SongFeatures], labels: np.ndarray, parts: np.ndarray) -> Rows:
    """What the network of that name learns from: snippets, songs or statistics, with labels and folds [songs]."""
    if name in ("picture", "line"):
        counts = [len(one.snippets) for one in heard]
        inputs: tuple[Tensor, ...] = (torch.from_numpy(np.concatenate([one.snippets for one in heard])),)
        return Rows(inputs, torch.from_numpy(np.repeat(labels, counts)), np.repeat(parts, counts))
    if name == "song":
        inputs = together([one.song.T for one in heard])
        inputs = (inputs[0].transpose(1, 2).contiguous(), inputs[1])
    else:
        inputs = (torch.from_numpy(np.stack([one.statistics for one in heard])),)
    return Rows(inputs, torch.from_numpy(labels), parts)


def sequences(snippets: Sequence[np.ndarray], labels: np.ndarray, parts: np.ndarray) -> Rows:
    """What aggregators learn from: the snippets of each song, [s, inputs], side by side."""
    return Rows(together(snippets), torch.from_numpy(labels), parts)


def together(sequences: Sequence[np.ndarray]) -> tuple[Tensor, Tensor]:
    """Sequences [s, inputs] of any length as [n, longest, inputs], padded with zeros, and their lengths [n]."""
    padded = nn.utils.rnn.pad_sequence([torch.from_numpy(one) for one in sequences], batch_first=True)
    return padded, torch.tensor([len(one) for one in sequences])


def ship(trained: Trained, recipe: Recipe, metrics: dict[str, float], command: str) -> None:
    """Write `weights/genre`."""
    made: dict[str, nn.Module] = dict(trained.methods.networks)
    arguments = {
        name: [network.arguments if isinstance(network, RBFSVM) else {} for network in several]
        for name, several in trained.methods.networks.items()
    }
    card = weights.Card(
        system="genre",
        labels=GENRE.labels,
        model={"sizes": recipe.sizes.arguments, "folds": arguments, "chosen": trained.chosen},
        feature=asdict(FEATURE),
        fingerprint=hearing().fingerprint,
        inputs=("mixture",),
        data={song.corpus: song.licence or "unknown" for song in recipe.songs} | weights.card(TAGGER).data,
        metrics=metrics,
        command=command,
        calibration=asdict(trained.calibration),
    )
    weights.save(made, card)
