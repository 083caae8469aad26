"""Evaluates timelines and labels of whole songs that are assembled from the stems of the test split."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from sklearn.metrics import confusion_matrix

from gender_audio.calibration import Calibration
from gender_audio.systems.labels import SINGING
from gender_audio.systems.timeline import LABELS, STEP_S, TimelineDecoder
from train.data.heard_songs import HeardSong
from train.engine.bootstrap import balanced_accuracy, balanced_accuracy_interval, interval
from train.engine.calibration_metrics import expected_calibration_error

FAR_S = 5.0
"""A boundary that is not found within this time counts as this far off."""


def nearest_snippets(song: HeardSong) -> np.ndarray:
    """The label of the snippet whose middle is nearest, for every step, int [t]: without the timeline."""
    times_s = (np.arange(len(song.labels)) + 0.5) * STEP_S
    middles_s = (song.starts_s + song.ends_s) / 2
    nearest = np.abs(times_s[:, None] - middles_s).argmin(1)
    return np.asarray(song.snippets.argmax(1)[nearest])


@torch.inference_mode()
def decoded(decoder: TimelineDecoder, song: HeardSong) -> np.ndarray:
    """The labels of the timeline, int [t]."""
    return decoder(torch.from_numpy(song.features)).labels


def boundary_errors_s(labels: np.ndarray, truth: np.ndarray) -> list[float]:
    """Time from every true change of the label to the nearest change that was found."""
    true, found = (STEP_S * (np.flatnonzero(np.diff(values)) + 1) for values in (truth, labels))
    return [float(min(np.abs(found - one).min(initial=FAR_S), FAR_S)) for one in true]


def of_voice(truth: np.ndarray) -> np.ndarray:
    """Whether each true change of the label is between `none` and a voice, bool; other changes are between voices."""
    before = np.flatnonzero(np.diff(truth))
    none = SINGING.labels.index("none")
    return np.asarray((truth[before] == none) | (truth[before + 1] == none))


def worst_tenth(wrong: np.ndarray) -> float:
    """Share of all wrong steps that is in the tenth of the songs with the most of them, [songs]."""
    worst = np.sort(wrong)[::-1][: max(1, round(len(wrong) / 10))]
    return float(worst.sum() / max(wrong.sum(), 1))


def timeline_metrics(predictions: Sequence[np.ndarray], songs: Sequence[HeardSong]) -> dict[str, Any]:
    """Accuracy of the steps with an interval that redraws songs, their confusion, and errors of the boundaries."""
    correct = [labels == song.labels for labels, song in zip(predictions, songs, strict=True)]
    errors_s = [boundary_errors_s(labels, song.labels) for labels, song in zip(predictions, songs, strict=True)]

    all_errors_s = np.concatenate(errors_s)
    voice = np.concatenate([of_voice(song.labels) for song in songs])

    def accuracy(rows: np.ndarray) -> float:
        return float(np.concatenate([correct[row] for row in rows]).mean())

    every = np.arange(len(songs))
    confusion = confusion_matrix(
        np.concatenate([song.labels for song in songs]), np.concatenate(predictions), labels=range(LABELS)
    )
    return {
        "accuracy": accuracy(every),
        "interval": interval(accuracy, [str(row) for row in every], [int(song.label) for song in songs]),
        "recall": (confusion.diagonal() / np.maximum(confusion.sum(1), 1)).tolist(),
        "boundaries": sum(map(len, errors_s)),
        "boundaries_found": int(sum(int((np.diff(labels) != 0).sum()) for labels in predictions)),
        "median_boundary_error_s": _median(all_errors_s),
        "median_error_of_voice_s": _median(all_errors_s[voice]),
        "median_error_of_singers_s": _median(all_errors_s[~voice]),
        "errors_in_worst_tenth": worst_tenth(np.array([np.count_nonzero(~right) for right in correct])),
    }


def _median(values: np.ndarray) -> float | None:
    return float(np.median(values)) if len(values) else None


def song_metrics(probabilities: np.ndarray, calibration: Calibration, labels: np.ndarray) -> dict[str, float]:
    """How far the labels of whole songs can be trusted, from probabilities [n, 4] before calibration."""
    probabilities = calibration(probabilities)
    correct, sure = probabilities.argmax(1) == labels, ~calibration.uncertain(probabilities)
    return {
        "accuracy": float(correct.mean()),
        "ece": expected_calibration_error(probabilities, labels, bins=5),
        "coverage": float(sure.mean()),
        "accuracy_when_confident": float(correct[sure].mean()),
    }


def evaluate_songs(
    decoder: TimelineDecoder,
    calibration: Calibration,
    aggregators: dict[str, np.ndarray],
    served: str,
    songs: Sequence[HeardSong],
) -> dict[str, Any]:
    """All metrics of timelines and of the ways to aggregate, ready for JSON.

    Args:
        calibration: of the way that is served.
        aggregators: name to probabilities of the songs, [n, 4].
    """
    labels = np.array([int(song.label) for song in songs])
    groups = [str(number) for number in range(len(songs))]
    return {
        "songs": len(songs),
        "minutes": sum(len(song.labels) for song in songs) * STEP_S / 60,
        "labels": list(SINGING.labels),
        "snippets": timeline_metrics([nearest_snippets(song) for song in songs], songs),
        "timeline": timeline_metrics([decoded(decoder, song) for song in songs], songs),
        "served": song_metrics(aggregators[served], calibration, labels),
        "aggregators": {
            name: {
                "balanced_accuracy": balanced_accuracy(probabilities.argmax(1), labels),
                "interval": balanced_accuracy_interval(probabilities.argmax(1), labels, groups),
            }
            for name, probabilities in aggregators.items()
        },
    }
