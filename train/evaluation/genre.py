"""The methods of the genre system against one another, against what needs no sound, and against their own mistakes."""

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
from gender_audio.systems.genre_models import METHODS, GenreModels, SongFeatureExtractor, SongFeatures
from gender_audio.systems.labels import GENRE
from train.data.songs import Song, song_folds
from train.engine.bootstrap import balanced, balanced_interval
from train.engine.fit import curve
from train.recipes.crossfit import crossfit, machine, predict
from train.recipes.genre import Recipe, Trained, hearing, remember

Figures = dict[str, Any]
LENGTHS: dict[str, Callable[[np.ndarray, int], np.ndarray]] = {
    "ten seconds of silence before and after": lambda sound, rate: np.pad(sound, [(0, 0), (10 * rate, 10 * rate)]),
    "played twice": lambda sound, rate: np.concatenate([sound, sound], 1),
}


def measure(trained: Trained, recipe: Recipe) -> tuple[Figures, dict[str, np.ndarray]]:
    """Everything about the methods, ready for JSON, and their answers on the test songs."""
    learnt, tested = recipe.of("development"), recipe.of("test")
    heard = {split: remember(recipe, split) for split in ("development", "test")}
    said = [trained.methods(one) for one in heard["test"]]
    answers = {name: np.stack([one[name] for one in said]) for name in METHODS}
    lengths_s = {split: [float(one.duration_s) for one in every] for split, every in heard.items()}
    blind = baselines(learnt, lengths_s["development"])
    record = {
        "songs": pies(recipe.songs),
        "artists": {split: len({song.artist for song in recipe.of(split)}) for split in heard},
        "chosen": trained.chosen,
        "development": {name: figures(trained.answers[name], learnt) for name in METHODS},
        "test": {name: figures(answers[name], tested) for name in METHODS},
        "snippets": {
            "development": snippets(trained.snippets, learnt),
            "test": snippets([trained.methods.snippets(one) for one in heard["test"]], tested),
        },
        "baselines": {name: figures(odds, tested) for name, odds in blind(lengths_s["test"]).items()},
        "gap": gap(heard["development"], learnt, recipe.folds),
        "undisputed": {
            "development": undisputed(trained.answers[trained.chosen], learnt),
            "test": undisputed(answers[trained.chosen], tested),
        },
        "blindness": blindness(trained.methods, hearing(), tested[::30]),
    }
    return record, answers


def curves(recipe: Recipe) -> Figures:
    """How the first network of each kind learnt, round by round."""
    return {name: curve(recipe.run(name) / "fold-0") for name in ("picture", "line", "song", "statistics")}


def figures(probabilities: np.ndarray, songs: Sequence[Song]) -> Figures:
    """Every figure of one method on songs, from its probabilities [n, 2]; intervals redraw artists."""
    labels, said = np.array([song.label for song in songs]), probabilities.argmax(1)
    return {
        "balanced_accuracy": balanced(said, labels),
        "interval": balanced_interval(said, labels, [song.artist for song in songs]),
        "accuracy": float(accuracy_score(labels, said)),
        "recall": recall_score(labels, said, average=None, labels=[0, 1]).tolist(),
        "auc": float(roc_auc_score(labels, probabilities[:, 1])),
        "confusion": confusion_matrix(labels, said, labels=[0, 1]).tolist(),
    }


def undisputed(probabilities: np.ndarray, songs: Sequence[Song]) -> Figures | None:
    """Figures on the songs of artists who have songs of one label only, and how many of each label that leaves out.

    None where these artists do not have both labels among them.
    """
    labels = {song.artist: {other.label for other in songs if other.artist == song.artist} for song in songs}
    kept = [number for number, song in enumerate(songs) if len(labels[song.artist]) == 1]
    if len({songs[number].label for number in kept}) < len(GENRE.labels):
        return None
    left = Counter(song.label for song in songs) - Counter(songs[number].label for number in kept)
    return {"left_out": [left[0], left[1]], **figures(probabilities[kept], [songs[number] for number in kept])}


def baselines(learnt: Sequence[Song], lengths_s: Sequence[float]) -> Callable[[Sequence[float]], dict[str, np.ndarray]]:
    """What can be said without listening: always the larger class, or by the duration alone.

    Args:
        learnt: development songs, and how long they are.

    Returns:
        Durations in seconds [n] to the probabilities [n, 2] of each baseline.
    """
    labels = [song.label for song in learnt]
    models = {
        "majority": DummyClassifier().fit(_logarithm(lengths_s), labels),
        "duration": LogisticRegression(class_weight="balanced").fit(_logarithm(lengths_s), labels),
    }
    return lambda others_s: {name: model.predict_proba(_logarithm(others_s)) for name, model in models.items()}


def _logarithm(lengths_s: Sequence[float]) -> np.ndarray:
    return np.log(np.array(lengths_s, float))[:, None]


def snippets(answers: Sequence[np.ndarray], songs: Sequence[Song]) -> Figures:
    """The same figures for snippets, each on its own; `answers` are [s, 2] for each song."""
    each = [song for song, answer in zip(songs, answers, strict=True) for _ in answer]
    return figures(np.concatenate(answers), each)


def blindness(
    methods: GenreModels, hearing: SongFeatureExtractor, songs: Sequence[Song]
) -> dict[str, dict[str, float]]:
    """How far each method's probability of a song moves, at most, when silence is added or the song is played twice."""
    moved: dict[str, dict[str, float]] = {}
    for name, change in LENGTHS.items():
        moved[name] = dict.fromkeys(METHODS, 0.0)
        for song in songs:
            clip = read(song.path)
            longer = Clip(change(clip.samples, clip.rate), clip.rate)
            before, after = methods(hearing(clip)), methods(hearing(longer))
            for method in METHODS:
                moved[name][method] = max(moved[name][method], float(np.abs(before[method] - after[method]).max()))
    return moved


def gap(heard: Sequence[SongFeatures], songs: Sequence[Song], count: int, seeds: int = 5) -> dict[str, float]:
    """Balanced accuracy of the SVM on development songs, with folds drawn by song and by artist: means of `seeds`."""
    values, labels = np.stack([one.texture for one in heard]), np.array([song.label for song in songs])
    found = {}
    for name, by_artist in (("by song", False), ("by artist", True)):
        scores = []
        for seed in range(seeds):
            parts = song_folds(songs, count, seed, by_artist)
            said = np.zeros(len(songs), int)
            for part, kernel in enumerate(crossfit(machine, values, labels, parts)):
                said[parts == part] = predict(kernel, [torch.from_numpy(values[parts == part])]).argmax(1)
            scores.append(balanced(said, labels))
        found[name] = float(np.mean(scores))
    return found


def summary(record: Figures) -> dict[str, float]:
    """The figures of the chosen method for its card."""
    return {
        f"{split}_{name}": record[split][record["chosen"]][name]
        for split in ("development", "test")
        for name in ("balanced_accuracy", "accuracy", "auc")
    }


def pies(songs: Sequence[Song]) -> dict[str, dict[str, int]]:
    """How many songs of each genre are in each split."""
    splits = ("development", "test")
    return {
        split: dict(sorted(Counter(song.genre for song in songs if song.split == split).items())) for split in splits
    }


def refuse_others(record: Figures, songs: Sequence[Song], seed: int) -> None:
    """Check that the methods of a record learnt from these songs, in the folds of this seed.

    Raises:
        ValueError: they did not, so that no song is known to be new to the networks of its fold.
    """
    if record["seed"] != seed:
        raise ValueError(f"the methods learnt with --seed {record['seed']}; measure them again with the same.")
    if record["songs"] != pies(songs):
        raise ValueError("the methods learnt from other songs; measure them again on the same, or train anew.")


def mistakes(path: Path, songs: Sequence[Song], answers: dict[str, np.ndarray], chosen: str) -> None:
    """Write a CSV of the songs that the chosen method errs on, with the probability of the genre by every method."""
    with path.open("w", newline="", encoding="utf8") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(["file", "artist", "genre", "split", "label", "said", *METHODS])
        for number, song in enumerate(songs):
            said = int(answers[chosen][number].argmax())
            if said == song.label:
                continue
            name = Path(song.path.parent.name, song.path.name).as_posix()
            words = [name, song.artist, song.genre, song.split, GENRE.labels[song.label], GENRE.labels[said]]
            table.writerow([*words, *(f"{answers[method][number][0]:.3f}" for method in METHODS)])
