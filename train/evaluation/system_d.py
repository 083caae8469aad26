"""System D's own networks on the same songs: raw features, padded songs, aggregators trained on in-sample predictions.

The layers are those that system D lists, except for the two outputs. Its 1D-CNN is padded to `PADDED_FRAMES` frames
instead of 112,931, which would cost 72 MB a song. Its RNN and LSTM train on what the CNN-FCN predicts for songs that it
was trained on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
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
from train.engine.fit import Schedule
from train.evaluation.genre import snippet_metrics
from train.recipes.crossfit import Learner, Rows, network, predict
from train.recipes.genre import Recipe, sequences
from train.run_records import key

RAW_FEATURE = Stack(step_s=10.0, consistent=False)
PADDED_FRAMES = 8_192
SNIPPET_SCHEDULE = Schedule(samples=4_800, batch=32, rate=5e-4, rounds=5, decay=1e-3, workers=0)
SONG_SCHEDULE = Schedule(samples=960, batch=16, rate=3e-4, rounds=5, decay=1e-4, workers=0)
STATISTICS_SCHEDULE = Schedule(samples=1_280, batch=32, rate=3e-4, rounds=2, decay=1e-4, workers=0)


@dataclass(frozen=True, eq=False)
class RawSongFeatures:
    """Features of a song: snippets [s, 160, 216], song [160, frames] and statistics [17088], float32."""

    snippets: np.ndarray
    song: np.ndarray
    statistics: np.ndarray


def extract_features(song: Song, recipe: Recipe) -> RawSongFeatures:
    """The raw features of a song, cached on disk."""
    folder = recipe.cache / f"raw-{RAW_FEATURE.fingerprint}"
    path = folder / f"{key(song.path.resolve(), song.path.stat().st_mtime)}.npz"
    if not path.exists():
        samples = read(song.path).mono(RAW_FEATURE.rate)
        first, last = RAW_FEATURE.bounds(samples)
        stack = RAW_FEATURE(samples[first:last])
        snippets = np.stack([RAW_FEATURE(snippet) for snippet in RAW_FEATURE.cut(samples[first:last])])
        with atomic_write(path) as temporary:
            np.savez(temporary, snippets=snippets, song=stack, statistics=RAW_FEATURE.statistics(stack))
    with np.load(path) as arrays:
        return RawSongFeatures(**{name: arrays[name] for name in arrays.files})


def predict_test_songs(recipe: Recipe) -> dict[str, Sequence[np.ndarray]]:
    """Train system D's models; the probabilities of each on the test songs, [s, 2] each: of all snippets, or [1, 2]."""
    torch.set_num_threads(1)
    development, test = (
        [
            extract_features(song, recipe)
            for song in tqdm(recipe.of(split), desc=f"features of {split}, raw", unit="song")
        ]
        for split in ("development", "test")
    )
    labels = np.array([song.label for song in recipe.of("development")])
    parts = song_folds(recipe.of("development"), recipe.folds, recipe.seed)
    probabilities = _snippet_models(recipe, development, test, labels, parts)
    peaks = np.max([song.song.max(1) for song in development], 0)[:, None]
    padded = [
        np.stack([pad_song(song.song / peaks).astype(np.float16) for song in songs]) for songs in (development, test)
    ]
    statistics = [np.stack([song.statistics for song in songs]) for songs in (development, test)]
    cnn = Learner(partial(PaddedCNN, frames=PADDED_FRAMES, outputs=2), SONG_SCHEDULE)
    mlp = Learner(partial(MLP, (*LAYERS[:-1], 2)), STATISTICS_SCHEDULE)
    for name, learner, (train_inputs, test_inputs) in (("1D-CNN", cnn, padded), ("FC-FD", mlp, statistics)):
        rows = Rows((torch.from_numpy(train_inputs),), torch.from_numpy(labels), parts)
        model = _train(recipe, name, learner, rows)
        probabilities[name] = list(predict(model, [torch.from_numpy(test_inputs)]).softmax(1).numpy()[:, None])
    return probabilities


def evaluate_system_d(recipe: Recipe) -> dict[str, dict[str, object]]:
    """Metrics of each of system D's models on the test songs."""
    test = recipe.of("test")
    return {name: snippet_metrics(probabilities, test) for name, probabilities in predict_test_songs(recipe).items()}


def pad_song(song: np.ndarray) -> np.ndarray:
    """A song [rows, frames] padded with zeros or cut to [rows, PADDED_FRAMES]."""
    return np.pad(song[:, :PADDED_FRAMES], [(0, 0), (0, max(0, PADDED_FRAMES - song.shape[1]))])


def _snippet_models(
    recipe: Recipe,
    development: Sequence[RawSongFeatures],
    test: Sequence[RawSongFeatures],
    labels: np.ndarray,
    parts: np.ndarray,
) -> dict[str, Sequence[np.ndarray]]:
    """Probabilities of the CNN-FCN on snippets, its vote, and the RNN and LSTM on its predictions."""
    counts = [len(song.snippets) for song in development]
    inputs = (torch.from_numpy(np.concatenate([song.snippets for song in development])),)
    rows = Rows(inputs, torch.from_numpy(np.repeat(labels, counts)), np.repeat(parts, counts))
    model = _train(recipe, "CNN-FCN", Learner(CNN2D, SNIPPET_SCHEDULE), rows)
    train_snippets, test_snippets = (
        [predict(model, [torch.from_numpy(song.snippets)]).softmax(1).numpy() for song in songs]
        for songs in (development, test)
    )
    probabilities: dict[str, Sequence[np.ndarray]] = {
        "CNN-FCN, snippets": test_snippets,
        "CNN-FCN, vote": [vote_shares(snippets)[None] for snippets in test_snippets],
    }
    # No label or fold of a test song is used: `sequences` wants one for each.
    train_rows, test_rows = (
        sequences(snippets, labels[: len(snippets)], parts[: len(snippets)])
        for snippets in (train_snippets, test_snippets)
    )
    for name in ("rnn", "lstm"):
        aggregator = _train(recipe, name, recipe.learner(name), train_rows)
        predicted = predict(aggregator, test_rows.inputs).softmax(1).numpy()
        probabilities[f"CNN-FCN, {name.upper()}"] = list(predicted[:, None])
    return probabilities


def run_folder(recipe: Recipe, name: str, default: Schedule) -> Path:
    """Folder of a network's checkpoints; its schedule is the recipe's or the default."""
    snippet_model = (run_folder(recipe, "CNN-FCN", SNIPPET_SCHEDULE).name,) if name in AGGREGATORS else ()
    depends_on = (recipe.run("rnn").name, RAW_FEATURE.fingerprint, recipe.schedules.get(name, default), *snippet_model)
    return recipe.cache / f"reference-{name}-{key(*depends_on)}"


def _train(recipe: Recipe, name: str, learner: Learner, rows: Rows) -> nn.Module:
    run = run_folder(recipe, name, learner.schedule)
    learner = replace(learner, schedule=recipe.schedules.get(name, learner.schedule))
    return network(learner, rows, recipe.folds, 0, run, recipe.seed)
