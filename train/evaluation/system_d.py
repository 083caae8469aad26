"""System D's own networks on the same songs: raw features, padded songs, aggregators trained on in-sample predictions.

The layers are those that system D lists, except for the two outputs. Its 1D-CNN is padded to `PADDED_FRAMES` frames
instead of 112,931, which would cost 72 MB a song. Its RNN and LSTM train on what the CNN-FCN predicts for songs that it
was trained on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np
import torch
from torch import nn
from tqdm import tqdm

from gender_audio.atomic_write import atomic_write
from gender_audio.audio import read
from gender_audio.features.stack import Stack
from gender_audio.models.genre_snippet import CNN2D
from gender_audio.models.genre_song import LAYERS, MLP, PaddedCNN
from gender_audio.systems.aggregation import vote_shares
from gender_audio.systems.genre_models import AGGREGATORS
from train.data.songs import Song, song_folds
from train.engine.schedule import Schedule
from train.evaluation.genre import snippet_metrics
from train.recipes.crossfit import Rows, TrainingConfig, predict, train_fold
from train.recipes.genre import Recipe, aggregator_rows
from train.run_records import key

RAW_FEATURE = Stack(step_s=10.0, consistent=False)
PADDED_FRAMES = 8_192
SCHEDULES: Mapping[str, Schedule] = {
    "CNN-FCN": Schedule(samples=4_800, batch=32, rate=5e-4, rounds=5, decay=1e-3, workers=0),
    "1D-CNN": Schedule(samples=960, batch=16, rate=3e-4, rounds=5, decay=1e-4, workers=0),
    "FC-FD": Schedule(samples=1_280, batch=32, rate=3e-4, rounds=2, decay=1e-4, workers=0),
}


@dataclass(frozen=True)
class Reference:
    """System D's models beside ours.

    Attributes:
        recipe: the songs, folds and seed of ours.
        schedules: name of a network to its schedule.
    """

    recipe: Recipe
    schedules: Mapping[str, Schedule] = field(default_factory=lambda: SCHEDULES)

    def training_config(self, name: str) -> TrainingConfig:
        """How a network is trained. The aggregators are trained like ours."""
        build: dict[str, Callable[[], nn.Module]] = {
            "CNN-FCN": CNN2D,
            "1D-CNN": partial(PaddedCNN, frames=PADDED_FRAMES, outputs=2),
            "FC-FD": partial(MLP, (*LAYERS[:-1], 2)),
        }
        return TrainingConfig(build[name], self.schedules[name]) if name in build else self.recipe.training_config(name)

    def run(self, name: str) -> Path:
        """Folder of a network's checkpoints."""
        inputs = (self.run("CNN-FCN").name,) if name in AGGREGATORS else ()
        parts = (self.recipe.run("rnn").name, RAW_FEATURE.fingerprint, self.training_config(name).schedule, *inputs)
        return self.recipe.cache / f"reference-{name}-{key(*parts)}"

    def train(self, name: str, rows: Rows) -> nn.Module:
        """The network that holds out fold 0."""
        return train_fold(self.training_config(name), rows, self.recipe.folds, 0, self.run(name), self.recipe.seed)


@dataclass(frozen=True, eq=False)
class RawSongFeatures:
    """Features of a song: snippets [s, 160, 216], song [160, frames] and statistics [17088], float32."""

    snippets: np.ndarray
    song: np.ndarray
    statistics: np.ndarray


def extract_features(song: Song, recipe: Recipe) -> RawSongFeatures:
    """The raw features of a song, cached on disk."""
    folder = recipe.cache / f"raw-{RAW_FEATURE.fingerprint}"
    path = folder / f"{key(*song.file_key)}.npz"
    if not path.exists():
        samples = read(song.path).mono(RAW_FEATURE.rate)
        first, last = RAW_FEATURE.bounds(samples)
        stack = RAW_FEATURE(samples[first:last])
        snippets = np.stack([RAW_FEATURE(snippet) for snippet in RAW_FEATURE.cut(samples[first:last])])
        with atomic_write(path) as temporary:
            np.savez(temporary, snippets=snippets, song=stack, statistics=RAW_FEATURE.statistics(stack))
    with np.load(path) as arrays:
        return RawSongFeatures(**{name: arrays[name] for name in arrays.files})


def predict_test_songs(reference: Reference) -> dict[str, Sequence[np.ndarray]]:
    """Train system D's models; the probabilities of each on the test songs, [s, 2] each: of all snippets, or [1, 2]."""
    torch.set_num_threads(1)
    recipe = reference.recipe
    development, test = (
        [
            extract_features(song, recipe)
            for song in tqdm(recipe.songs_in(split), desc=f"features of {split}, raw", unit="song")
        ]
        for split in ("development", "test")
    )
    labels = np.array([song.label for song in recipe.songs_in("development")])
    folds = song_folds(recipe.songs_in("development"), recipe.folds, recipe.seed)
    probabilities = _snippet_models(reference, development, test, labels, folds)
    peaks = np.max([song.song.max(1) for song in development], 0)[:, None]
    padded = [
        np.stack([pad_song(song.song / peaks).astype(np.float16) for song in songs]) for songs in (development, test)
    ]
    statistics = [np.stack([song.statistics for song in songs]) for songs in (development, test)]
    for name, (train_inputs, test_inputs) in {"1D-CNN": padded, "FC-FD": statistics}.items():
        rows = Rows((torch.from_numpy(train_inputs),), torch.from_numpy(labels), folds)
        model = reference.train(name, rows)
        probabilities[name] = list(predict(model, [torch.from_numpy(test_inputs)]).softmax(1).numpy()[:, None])
    return probabilities


def evaluate_system_d(reference: Reference) -> dict[str, dict[str, object]]:
    """Metrics of each of system D's models on the test songs."""
    test = reference.recipe.songs_in("test")
    return {name: snippet_metrics(probabilities, test) for name, probabilities in predict_test_songs(reference).items()}


def pad_song(song: np.ndarray) -> np.ndarray:
    """A song [rows, frames] padded with zeros or cut to [rows, PADDED_FRAMES]."""
    return np.pad(song[:, :PADDED_FRAMES], [(0, 0), (0, max(0, PADDED_FRAMES - song.shape[1]))])


def _snippet_models(
    reference: Reference,
    development: Sequence[RawSongFeatures],
    test: Sequence[RawSongFeatures],
    labels: np.ndarray,
    folds: np.ndarray,
) -> dict[str, Sequence[np.ndarray]]:
    """Probabilities of the CNN-FCN on snippets, its vote, and the RNN and LSTM on its predictions."""
    counts = [len(song.snippets) for song in development]
    inputs = (torch.from_numpy(np.concatenate([song.snippets for song in development])),)
    rows = Rows(inputs, torch.from_numpy(np.repeat(labels, counts)), np.repeat(folds, counts))
    model = reference.train("CNN-FCN", rows)
    train_snippets, test_snippets = (
        [predict(model, [torch.from_numpy(song.snippets)]).softmax(1).numpy() for song in songs]
        for songs in (development, test)
    )
    probabilities: dict[str, Sequence[np.ndarray]] = {
        "CNN-FCN, snippets": test_snippets,
        "CNN-FCN, vote": [vote_shares(snippets)[None] for snippets in test_snippets],
    }
    # `aggregator_rows` needs labels and folds. Those of the test rows are placeholders and not used.
    train_rows, test_rows = (
        aggregator_rows(snippets, labels[: len(snippets)], folds[: len(snippets)])
        for snippets in (train_snippets, test_snippets)
    )
    for name in ("rnn", "lstm"):
        aggregator = reference.train(name, train_rows)
        predicted = predict(aggregator, test_rows.inputs).softmax(1).numpy()
        probabilities[f"CNN-FCN, {name.upper()}"] = list(predicted[:, None])
    return probabilities
