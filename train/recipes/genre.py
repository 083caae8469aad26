"""Recipe `genre`: all methods of the genre system, cross-fitted over artists, chosen and calibrated out of fold."""

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
from gender_audio.systems.genre_models import AGGREGATORS, METHODS, GenreModels, NetworkSizes
from gender_audio.systems.labels import GENRE
from gender_audio.systems.music_embedding import SYSTEM as TAGGER
from gender_audio.systems.music_embedding import MusicEmbedding
from train.data.songs import Song, load_features, song_folds
from train.data.validation import LayoutError
from train.engine.augment import StackSpecAugment
from train.engine.calibrate import calibrate
from train.engine.quick import count
from train.engine.schedule import Schedule
from train.recipes.crossfit import Rows, TrainingConfig, crossfit, fit_logistic_regression, fit_svm, train_folds
from train.run_records import key

FEATURE = Stack()
SNIPPETS = Schedule(samples=7_200, batch=32, rate=2e-3, rounds=6, decay=2e-2, workers=0)
SONGS = Schedule(samples=1_440, batch=16, rate=3e-3, rounds=6, decay=2e-2, workers=0)
STATISTICS = Schedule(samples=6_400, batch=32, rate=1e-3, rounds=8, decay=1e-1, workers=0, half=False)
SEQUENCES = Schedule(samples=6_400, batch=32, rate=2e-2, rounds=8, decay=1e-3, workers=0, half=False)
SCHEDULES: Mapping[str, Schedule] = {
    "picture": SNIPPETS,
    "line": SNIPPETS,
    "song": SONGS,
    "statistics": STATISTICS,
    **dict.fromkeys(AGGREGATORS, SEQUENCES),
}
MIXUP = 0.3
AUGMENTATION: Mapping[str, dict[str, Any]] = {
    "picture": {"spec_augment": StackSpecAugment(), "mixup": MIXUP},
    "line": {"spec_augment": StackSpecAugment(), "mixup": MIXUP},
    "song": {"spec_augment": StackSpecAugment(frames=100)},
}


@dataclass(frozen=True)
class Recipe:
    """Everything that the methods depend on.

    Attributes:
        songs: of both splits; the songs of `test` are not trained on.
        cache: folder for features and checkpoints.
        folds: networks of each kind.
        schedules: name of a network to its schedule.
    """

    songs: tuple[Song, ...]
    cache: Path
    seed: int = 0
    folds: int = count(6, quick=3)
    sizes: NetworkSizes = field(default_factory=NetworkSizes)
    schedules: Mapping[str, Schedule] = field(default_factory=lambda: SCHEDULES)

    def songs_in(self, split: str) -> list[Song]:
        """The songs of one split."""
        return [song for song in self.songs if song.split == split]

    def training_config(self, name: str) -> TrainingConfig:
        """How the network of that name is trained."""
        return TrainingConfig(partial(self.sizes.build, name), self.schedules[name], **AUGMENTATION.get(name, {}))

    def run(self, name: str) -> Path:
        """Folder of a network's checkpoints."""
        songs = self.songs_in("development")
        numbers = song_folds(songs, self.folds, self.seed).tolist()
        rows = [(song.file_key, song.artist, song.label, fold) for song, fold in zip(songs, numbers, strict=True)]
        config = self.training_config(name)
        method = (config.schedule, config.spec_augment, config.mixup, self.sizes, self.folds, self.seed)
        inputs = (self.run("picture").name,) if name in AGGREGATORS else ()
        return self.cache / f"genre-{name}-{key(rows, FEATURE.fingerprint, *method, *inputs)}"

    def stage(self, command: str) -> weights.Stage:
        """The entry for this training in the card."""
        samples = {name: schedule.samples for name, schedule in self.schedules.items()}
        return weights.Stage("train", command, self.seed, ("development",), {"folds": self.folds, "samples": samples})


@dataclass(frozen=True, eq=False)
class TrainedMethods:
    """The methods, and what is needed to evaluate them.

    Attributes:
        folds: of the development songs, int [n].
        out_of_fold: method to its out-of-fold probabilities of the development songs, float32 [n, 2].
        snippets: out-of-fold probabilities of each development song's snippets, [s, 2] each.
        chosen: the method with the highest out-of-fold balanced accuracy.
        calibration: of the chosen method, fitted out of fold.
    """

    methods: GenreModels
    folds: np.ndarray
    out_of_fold: dict[str, np.ndarray]
    snippets: list[np.ndarray]
    chosen: str
    calibration: Calibration


@dataclass(frozen=True, eq=False)
class DevelopmentSet:
    """Features of n development songs, with their labels and folds, int [n] each."""

    features: list[SongFeatures]
    labels: np.ndarray
    folds: np.ndarray


def feature_extractor() -> SongFeatureExtractor:
    """The feature extractor of all methods."""
    return SongFeatureExtractor(FEATURE, MusicEmbedding.load())


def cache_features(recipe: Recipe) -> None:
    """Compute the features of all songs, also of the test songs, so that unreadable files are reported before training.

    Raises:
        LayoutError: files cannot be used; the text has a line for each.
    """
    extractor, problems = feature_extractor(), []
    for song in tqdm(recipe.songs, desc="features", unit="song"):
        try:
            load_features(song, extractor, recipe.cache)
        except ValueError as error:
            problems.append(str(error))
    if problems:
        raise LayoutError("\n".join(problems))


def split_features(recipe: Recipe, split: str) -> list[SongFeatures]:
    """The features of the songs of one split."""
    extractor = feature_extractor()
    return [
        load_features(song, extractor, recipe.cache) for song in tqdm(recipe.songs_in(split), desc=split, unit="song")
    ]


def development_set(recipe: Recipe) -> DevelopmentSet:
    """The development songs in their folds."""
    songs = recipe.songs_in("development")
    labels = np.array([song.label for song in songs])
    return DevelopmentSet(split_features(recipe, "development"), labels, song_folds(songs, recipe.folds, recipe.seed))


def train(recipe: Recipe) -> TrainedMethods:
    """Train the networks that are missing, load the others, and choose a method.

    Raises:
        ValueError: a file cannot be used, or there are too few artists for the folds.
    """
    torch.set_num_threads(1)
    songs = development_set(recipe)
    networks = {
        name: train_networks(recipe, name, network_rows(name, songs))
        for name in ("picture", "line", "song", "statistics")
    }
    for name, fit_model in {"texture": fit_svm, "tagger": fit_logistic_regression}.items():
        values = np.stack([getattr(song, name) for song in songs.features])
        networks[name] = crossfit(fit_model, values, songs.labels, songs.folds)
    snippets = snippet_probabilities(GenreModels({"picture": networks["picture"]}), songs)
    for name in AGGREGATORS:
        networks[name] = train_networks(recipe, name, aggregator_rows(snippets, songs.labels, songs.folds))
    return select_method(GenreModels(networks), songs)


def snippet_probabilities(methods: GenreModels, songs: DevelopmentSet) -> list[np.ndarray]:
    """Out-of-fold probabilities of each song's snippets, [s, 2] each."""
    return [methods.snippet_probabilities(song, fold) for song, fold in zip(songs.features, songs.folds, strict=True)]


def select_method(methods: GenreModels, songs: DevelopmentSet) -> TrainedMethods:
    """Predict every song out of fold, choose the best method and calibrate it.

    The folds must be those of the training: network k must not have been trained on the songs of fold k.
    """
    predictions = [methods(song, fold) for song, fold in zip(songs.features, songs.folds, strict=True)]
    out_of_fold = {name: np.stack([by_method[name] for by_method in predictions]) for name in METHODS}
    chosen = max(METHODS, key=lambda name: balanced_accuracy_score(songs.labels, out_of_fold[name].argmax(1)))
    return TrainedMethods(
        methods=methods,
        folds=songs.folds,
        out_of_fold=out_of_fold,
        snippets=snippet_probabilities(methods, songs),
        chosen=chosen,
        calibration=calibrate(out_of_fold[chosen].astype(float), songs.labels),
    )


def train_networks(recipe: Recipe, name: str, rows: Rows) -> nn.ModuleList:
    """The networks of one name, one for each fold."""
    return train_folds(recipe.training_config(name), rows, recipe.folds, recipe.run(name), recipe.seed)


def network_rows(name: str, songs: DevelopmentSet) -> Rows:
    """The training rows of the network of that name: snippets, whole songs or statistics."""
    if name in ("picture", "line"):
        counts = [len(song.snippets) for song in songs.features]
        snippets = torch.from_numpy(np.concatenate([song.snippets for song in songs.features]))
        return Rows(
            inputs=(snippets,),
            labels=torch.from_numpy(np.repeat(songs.labels, counts)),
            folds=np.repeat(songs.folds, counts),
        )
    labels = torch.from_numpy(songs.labels)
    if name == "song":
        padded, lengths = pad_sequences([song.song.T for song in songs.features])
        return Rows((padded.transpose(1, 2).contiguous(), lengths), labels, songs.folds)
    return Rows((torch.from_numpy(np.stack([song.statistics for song in songs.features])),), labels, songs.folds)


def aggregator_rows(snippets: Sequence[np.ndarray], labels: np.ndarray, folds: np.ndarray) -> Rows:
    """The training rows of aggregators: the snippet probabilities of each song, [s, 2], with labels and folds [n]."""
    return Rows(pad_sequences(snippets), torch.from_numpy(labels), folds)


def pad_sequences(sequences: Sequence[np.ndarray]) -> tuple[Tensor, Tensor]:
    """Sequences [s, inputs] of any length as [n, longest, inputs], padded with zeros, and their lengths [n]."""
    padded = nn.utils.rnn.pad_sequence([torch.from_numpy(values) for values in sequences], batch_first=True)
    return padded, torch.tensor([len(values) for values in sequences])


def export(trained: TrainedMethods, recipe: Recipe, metrics: dict[str, float], command: str) -> None:
    """Write `weights/genre`."""
    networks: dict[str, nn.Module] = dict(trained.methods.networks)
    arguments = {
        name: [network.arguments if isinstance(network, RBFSVM) else {} for network in several]
        for name, several in trained.methods.networks.items()
    }
    card = weights.Card(
        system=GENRE.name,
        labels=GENRE.labels,
        model={"sizes": recipe.sizes.arguments, "folds": arguments, "chosen": trained.chosen},
        feature=asdict(FEATURE),
        fingerprint=feature_extractor().fingerprint,
        inputs=("mixture",),
        data={song.corpus: song.licence or "unknown" for song in recipe.songs} | weights.card(TAGGER).data,
        metrics=metrics,
        stages=(recipe.stage(command),),
        calibration=asdict(trained.calibration),
    )
    weights.save(networks, card)
