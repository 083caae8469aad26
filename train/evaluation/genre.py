"""Evaluates the methods of the genre system: test metrics, baselines, leakage, sensitivity to length, and errors."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, confusion_matrix, recall_score, roc_auc_score

from gender_audio.audio import Clip, read
from gender_audio.systems.genre_features import SongFeatureExtractor, SongFeatures
from gender_audio.systems.genre_models import METHODS, GenreModels
from gender_audio.systems.labels import GENRE
from train.data.songs import Song, song_folds
from train.engine.bootstrap import balanced_accuracy, balanced_accuracy_interval
from train.engine.fit import read_rounds
from train.recipes.crossfit import crossfit, fit_svm, predict
from train.recipes.genre import Recipe, TrainedMethods, feature_extractor, split_features

Metrics = dict[str, Any]
SPLITS = ("development", "test")
LENGTH_CHANGES: dict[str, Callable[[np.ndarray, int], np.ndarray]] = {
    "ten seconds of silence before and after": lambda samples, rate: np.pad(samples, [(0, 0), (10 * rate, 10 * rate)]),
    "played twice": lambda samples, rate: np.concatenate([samples, samples], 1),
}


def evaluate_genre(trained: TrainedMethods, recipe: Recipe) -> tuple[Metrics, dict[str, np.ndarray]]:
    """All metrics of the methods, ready for JSON, and the probabilities [n, 2] of each method on the test songs."""
    development, test = (recipe.songs_in(split) for split in SPLITS)
    features = {split: split_features(recipe, split) for split in SPLITS}
    by_song = [trained.methods(song) for song in features["test"]]
    probabilities = {name: np.stack([song[name] for song in by_song]) for name in METHODS}
    durations_s = {split: [float(song.duration_s) for song in features[split]] for split in SPLITS}
    predict_baselines = fit_baselines(development, durations_s["development"])
    test_snippets = [trained.methods.snippet_probabilities(song) for song in features["test"]]
    record = {
        "songs": count_genres(recipe.songs),
        "artists": {split: len({song.artist for song in recipe.songs_in(split)}) for split in SPLITS},
        "chosen": trained.chosen,
        "development": {name: binary_metrics(trained.out_of_fold[name], development) for name in METHODS},
        "test": {name: binary_metrics(probabilities[name], test) for name in METHODS},
        "snippets": {
            "development": snippet_metrics(trained.snippets, development),
            "test": snippet_metrics(test_snippets, test),
        },
        "baselines": {
            name: binary_metrics(baseline, test) for name, baseline in predict_baselines(durations_s["test"]).items()
        },
        "split_leakage": split_leakage(features["development"], development, recipe.folds),
        "single_label_artists": {
            "development": single_label_artist_metrics(trained.out_of_fold[trained.chosen], development),
            "test": single_label_artist_metrics(probabilities[trained.chosen], test),
        },
        "length_sensitivity": length_sensitivity(trained.methods, feature_extractor(), test[::30]),
    }
    return record, probabilities


def learning_curves(recipe: Recipe) -> Metrics:
    """Metrics of the first network of each kind after every round of training."""
    return {name: read_rounds(recipe.run(name) / "fold-0") for name in ("picture", "line", "song", "statistics")}


def binary_metrics(probabilities: np.ndarray, songs: Sequence[Song]) -> Metrics:
    """All metrics of one method from its probabilities [n, 2] of the songs; intervals resample artists."""
    labels, predicted = np.array([song.label for song in songs]), probabilities.argmax(1)
    return {
        "balanced_accuracy": balanced_accuracy(predicted, labels),
        "interval": balanced_accuracy_interval(predicted, labels, [song.artist for song in songs]),
        "accuracy": float(accuracy_score(labels, predicted)),
        "recall": recall_score(labels, predicted, average=None, labels=[0, 1]).tolist(),
        "auc": float(roc_auc_score(labels, probabilities[:, 1])),
        "confusion": confusion_matrix(labels, predicted, labels=[0, 1]).tolist(),
    }


def single_label_artist_metrics(probabilities: np.ndarray, songs: Sequence[Song]) -> Metrics | None:
    """Metrics on songs of artists that have one label only, and how many songs of each label that leaves out.

    Returns:
        None where these artists have only one label among them.
    """
    labels_by_artist: dict[str, set[int]] = {}
    for song in songs:
        labels_by_artist.setdefault(song.artist, set()).add(song.label)
    rows = [row for row, song in enumerate(songs) if len(labels_by_artist[song.artist]) == 1]
    if len({songs[row].label for row in rows}) < len(GENRE.labels):
        return None
    left_out = Counter(song.label for song in songs) - Counter(songs[row].label for row in rows)
    return {"left_out": [left_out[0], left_out[1]], **binary_metrics(probabilities[rows], [songs[row] for row in rows])}


def fit_baselines(
    songs: Sequence[Song], durations_s: Sequence[float]
) -> Callable[[Sequence[float]], dict[str, np.ndarray]]:
    """Baselines that do not use the sound: the majority class, and a regression on the duration.

    Args:
        songs, durations_s: development songs and their durations in seconds.

    Returns:
        A function from durations in seconds [n] to the probabilities [n, 2] of each baseline.
    """
    labels = [song.label for song in songs]
    models = {
        "majority": DummyClassifier().fit(_log_durations(durations_s), labels),
        "duration": LogisticRegression(class_weight="balanced").fit(_log_durations(durations_s), labels),
    }
    return lambda others_s: {name: model.predict_proba(_log_durations(others_s)) for name, model in models.items()}


def _log_durations(durations_s: Sequence[float]) -> np.ndarray:
    return np.log(np.array(durations_s, float))[:, None]


def snippet_metrics(probabilities: Sequence[np.ndarray], songs: Sequence[Song]) -> Metrics:
    """The same metrics over single snippets; `probabilities` are [s, 2] for each song."""
    snippet_songs = [song for song, snippets in zip(songs, probabilities, strict=True) for _ in snippets]
    return binary_metrics(np.concatenate(probabilities), snippet_songs)


def length_sensitivity(
    methods: GenreModels, extractor: SongFeatureExtractor, songs: Sequence[Song]
) -> dict[str, dict[str, float]]:
    """Largest change of each method's probability when silence is added to a song or the song is repeated."""
    largest: dict[str, dict[str, float]] = {}
    for name, change in LENGTH_CHANGES.items():
        largest[name] = dict.fromkeys(METHODS, 0.0)
        for song in songs:
            clip = read(song.path)
            longer = Clip(change(clip.samples, clip.rate), clip.rate)
            before, after = methods(extractor(clip)), methods(extractor(longer))
            for method in METHODS:
                difference = float(np.abs(before[method] - after[method]).max())
                largest[name][method] = max(largest[name][method], difference)
    return largest


def split_leakage(
    features: Sequence[SongFeatures], songs: Sequence[Song], count: int, seeds: int = 5
) -> dict[str, float]:
    """Cross-validated balanced accuracy of the SVM with folds by song and by artist, each the mean over `seeds`."""
    values, labels = np.stack([song.texture for song in features]), np.array([song.label for song in songs])
    means = {}
    for name, by_artist in (("by song", False), ("by artist", True)):
        scores = []
        for seed in range(seeds):
            folds = song_folds(songs, count, seed, by_artist)
            predicted = np.zeros(len(songs), int)
            for fold, svm in enumerate(crossfit(fit_svm, values, labels, folds)):
                predicted[folds == fold] = predict(svm, [torch.from_numpy(values[folds == fold])]).argmax(1)
            scores.append(balanced_accuracy(predicted, labels))
        means[name] = float(np.mean(scores))
    return means


def card_metrics(record: Metrics) -> dict[str, float]:
    """Metrics of the chosen method for its model card."""
    return {
        f"{split}_{name}": record[split][record["chosen"]][name]
        for split in SPLITS
        for name in ("balanced_accuracy", "accuracy", "auc")
    }


def count_genres(songs: Sequence[Song]) -> dict[str, dict[str, int]]:
    """Number of songs of each genre in each split."""
    return {
        split: dict(sorted(Counter(song.genre for song in songs if song.split == split).items())) for split in SPLITS
    }


def require_same_songs(record: Metrics, songs: Sequence[Song], seed: int) -> None:
    """Check that the methods of a record were trained on these songs, in the folds of this seed.

    Raises:
        ValueError: they were not, so it is unknown which songs each network was trained on.
    """
    if record["seed"] != seed:
        raise ValueError(f"the methods were trained with --seed {record['seed']}; evaluate them with the same seed.")
    if record["songs"] != count_genres(songs):
        raise ValueError("the methods were trained on other songs; evaluate them on the same songs or train again.")


def write_errors(path: Path, songs: Sequence[Song], probabilities: dict[str, np.ndarray], chosen: str) -> None:
    """Write a CSV of the songs that the chosen method gets wrong, with every method's probability of the genre."""
    with path.open("w", newline="", encoding="utf8") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(["file", "artist", "genre", "split", "label", "predicted", *METHODS])
        for row, song in enumerate(songs):
            predicted = int(probabilities[chosen][row].argmax())
            if predicted == song.label:
                continue
            name = Path(song.path.parent.name, song.path.name).as_posix()
            labels = [GENRE.labels[song.label], GENRE.labels[predicted]]
            values = [f"{probabilities[method][row][0]:.3f}" for method in METHODS]
            table.writerow([name, song.artist, song.genre, song.split, *labels, *values])
