"""Evaluates the singing system on the fixed protocol, through the pipeline that the application serves."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from sklearn.metrics import (
    accuracy_score,
    balanced_accuracy_score,
    confusion_matrix,
    f1_score,
    log_loss,
    recall_score,
)
from tqdm import tqdm

from gender_audio.audio import Clip
from gender_audio.systems.combination import ENSEMBLE
from gender_audio.systems.ensemble import mean_of_logits
from gender_audio.systems.labels import SINGING
from gender_audio.systems.singing import SingingClassifier, SingingVerdict
from train.data.decoding import RATE
from train.data.known_accompaniments import find_known_accompaniments
from train.data.remix import Remix, load_protocol
from train.data.separation_metrics import gains_by_kind, separation_gain
from train.engine.bootstrap import (
    balanced_accuracy,
    balanced_accuracy_interval,
    macro_mean,
    macro_mean_interval,
)
from train.engine.calibration_metrics import (
    chance_calibration_error,
    expected_calibration_error,
    reliability_curve,
    risk_coverage_curve,
)


@dataclass(frozen=True, eq=False)
class Predictions:
    """Predictions of the singing system for n rows.

    Attributes:
        members: probabilities of every member, [m, n, 4].
        alone: title of the ensemble and of each published network to its own probabilities, [n, 4].
        probabilities: calibrated probabilities of the system, [n, 4].
        uncertain: whether the system is not sure, bool [n].
    """

    members: np.ndarray
    alone: dict[str, np.ndarray]
    probabilities: np.ndarray
    uncertain: np.ndarray


def collect(verdicts: Sequence[SingingVerdict]) -> Predictions:
    """The predictions of verdicts on clips of one snippet each."""
    alone = {ENSEMBLE: np.stack([verdict.ensemble_probabilities for verdict in verdicts])}
    for place, answer in enumerate(verdicts[0].published):
        alone[answer.title] = np.stack([verdict.published[place].probabilities for verdict in verdicts])
    return Predictions(
        np.stack([verdict.member_probabilities for verdict in verdicts], 1),
        alone,
        np.stack([verdict.probabilities for verdict in verdicts]),
        np.array([verdict.uncertain for verdict in verdicts]),
    )


def predict_remixes(classifier: SingingClassifier, remixes: list[Remix]) -> tuple[Predictions, np.ndarray]:
    """Classify each remix as one clip, as the application does.

    Returns:
        The predictions, and the separation gain of each row in dB, [n].
    """
    verdicts, gains = [], []
    for remix in tqdm(remixes, desc="predict", unit="row"):
        verdict = classifier(Clip(remix.mixture[None], RATE))
        gains.append(separation_gain(remix, Clip(verdict.stems.vocals, verdict.stems.rate).mono(RATE)))
        verdicts.append(verdict)
    return collect(verdicts), np.array(gains)


def label_indices(remixes: list[Remix]) -> np.ndarray:
    """Class numbers of the remixes, [n]."""
    return np.array([SINGING.labels.index(remix.label) for remix in remixes])


def most_confident_rows(predictions: Predictions, share: float) -> dict[str, np.ndarray]:
    """Indices of the most confident share of rows: by the highest probability, and by how many members agree."""
    predicted = predictions.probabilities.argmax(1)
    confidence = predictions.probabilities.max(1)
    agreement = (predictions.members.argmax(-1) == predicted).mean(0)
    count = round(share * len(predicted))
    return {
        "probability": np.argsort(-confidence, kind="stable")[:count],
        "agreement": np.lexsort((-confidence, -agreement))[:count],
    }


def accuracy_by_ensemble_size(members: np.ndarray, labels: np.ndarray, draws: int = 5, seed: int = 0) -> list[float]:
    """Accuracy of the mean of 1, 2, ... m members' probabilities [m, n, 4], over orders in which members join.

    Each member comes first in equally many orders, so the first value is the mean accuracy of the members.
    """
    rng = np.random.default_rng(seed)
    permutations = [rng.permutation(len(members)) for _ in range(draws)]
    orders = [np.roll(order, shift) for order in permutations for shift in range(len(members))]
    correct = [(members[order].cumsum(0).argmax(-1) == labels).mean(1) for order in orders]
    return np.mean(correct, 0).tolist()


def worst_predictions(probabilities: np.ndarray, remixes: list[Remix], count: int = 10) -> list[dict[str, object]]:
    """The rows whose true label got the lowest probability, lowest first."""
    labels = label_indices(remixes)
    true_probability = probabilities[np.arange(len(labels)), labels]
    return [
        {
            "row": int(row),
            "kind": remixes[row].kind,
            "singers": " and ".join(remixes[row].singers) or remixes[row].accompaniment_song,
            "label": remixes[row].label,
            "predicted": SINGING.labels[int(probabilities[row].argmax())],
            "probability": float(true_probability[row]),
        }
        for row in np.argsort(true_probability)[:count]
    ]


def system_metrics(probabilities: np.ndarray, labels: np.ndarray, groups: Sequence[str]) -> dict[str, Any]:
    """Accuracy, balanced accuracy with its interval by group, recall and calibration error of probabilities [n, 4]."""
    predicted = probabilities.argmax(1)
    return {
        "accuracy": float(accuracy_score(labels, predicted)),
        "balanced_accuracy": balanced_accuracy(predicted, labels),
        "interval": balanced_accuracy_interval(predicted, labels, groups),
        "recall": dict(zip(SINGING.labels, recall_score(labels, predicted, average=None).tolist(), strict=True)),
        "ece": expected_calibration_error(probabilities, labels),
    }


def classification_metrics(predictions: Predictions, remixes: list[Remix]) -> dict[str, object]:
    """All metrics of the four-class task, ready for JSON."""
    labels = label_indices(remixes)
    probabilities = predictions.probabilities
    predicted = probabilities.argmax(1)
    groups = [remix.group for remix in remixes]
    kinds = np.array([remix.kind for remix in remixes])
    members = [float(accuracy_score(labels, member.argmax(1))) for member in predictions.members]
    confident = ~predictions.uncertain
    correct = (predicted == labels).astype(float)
    ensemble = predictions.alone[ENSEMBLE].argmax(1) == labels
    above_members = ensemble - np.mean([member.argmax(1) == labels for member in predictions.members], 0)
    logarithms = torch.from_numpy(predictions.members).clamp(min=1e-12).log()
    mean_of_logits_labels = mean_of_logits(logarithms).numpy().argmax(1)
    return {
        "rows": len(labels),
        "singers": {label: len({remix.group for remix in remixes if remix.label == label}) for label in SINGING.labels},
        "accuracy": float(accuracy_score(labels, predicted)),
        "accuracy_interval": macro_mean_interval(correct, labels, groups),
        "above_members": float(above_members.mean()),
        "above_members_interval": macro_mean_interval(above_members, labels, groups),
        "balanced_accuracy": float(balanced_accuracy_score(labels, predicted)),
        "macro_f1": float(f1_score(labels, predicted, average="macro")),
        "recall": dict(zip(SINGING.labels, recall_score(labels, predicted, average=None).tolist(), strict=True)),
        "confusion": confusion_matrix(labels, predicted).tolist(),
        "nll": float(log_loss(labels, probabilities.astype(float), labels=range(len(SINGING.labels)))),
        "brier": float(np.square(probabilities - np.eye(len(SINGING.labels))[labels]).sum(1).mean()),
        "ece": expected_calibration_error(probabilities, labels),
        "ece_by_chance": chance_calibration_error(probabilities),
        "reliability": reliability_curve(probabilities, labels),
        "risk": risk_coverage_curve(probabilities, labels),
        "most_confident": {
            name: float(correct[rows].mean()) for name, rows in most_confident_rows(predictions, 0.9).items()
        },
        "worst": worst_predictions(probabilities, remixes),
        "by_kind": {kind: float(correct[kinds == kind].mean()) for kind in sorted(set(kinds))},
        "members": members,
        "mean_member": float(np.mean(members)),
        "by_ensemble_size": accuracy_by_ensemble_size(predictions.members, labels),
        "mean_of_logits": float(accuracy_score(labels, mean_of_logits_labels)),
        "alone": {
            name: system_metrics(probabilities, labels, groups) for name, probabilities in predictions.alone.items()
        },
        "coverage": float(confident.mean()),
        "accuracy_when_confident": float(correct[confident].mean()),
    }


def accompaniment_metrics(
    predictions: Predictions, gains: np.ndarray, remixes: list[Remix], known: Set[str]
) -> dict[str, Any]:
    """Metrics of the rows with an accompaniment, by whether one of its pieces is among the `known` ones.

    Returns:
        For `known` and `new`, where there are such rows: their number, balanced accuracy with its interval by singer,
        and the mean separation gain of sung voices in dB.
    """
    labels = label_indices(remixes)
    correct = predictions.probabilities.argmax(1) == labels
    sung = np.array([remix.kind == "sung" for remix in remixes])
    with_known_piece = np.array([bool(known & set(remix.accompaniment_paths)) for remix in remixes])
    with_new_pieces = ~with_known_piece & np.array([bool(remix.accompaniment_paths) for remix in remixes])
    metrics = {}
    for name, rows in (("known", with_known_piece), ("new", with_new_pieces)):
        groups = [remixes[row].group for row in np.flatnonzero(rows)]
        if groups:
            metrics[name] = {
                "rows": len(groups),
                "accuracy": macro_mean(correct[rows], labels[rows]),
                "interval": macro_mean_interval(correct[rows], labels[rows], groups),
                "gain": float(gains[rows & sung].mean()) if (rows & sung).any() else None,
            }
    return metrics


def mean_separation_gains(gains: np.ndarray, remixes: list[Remix]) -> dict[str, object]:
    """Mean separation gain in dB by kind of row, and by label for sung rows with an accompaniment."""
    groups = gains_by_kind(gains, remixes)
    means = {", ".join(name): float(np.mean(values)) for name, values in sorted(groups.items())}
    suppressed = float(np.mean(np.array(groups[("instrumental",)]) >= 15))
    return {**means, "instrumental, share of rows with 15 dB or more": suppressed}


def evaluate_remixes(classifier: SingingClassifier, protocol_file: Path, data: Path) -> dict[str, Any]:
    """All metrics of the singing system and of its separator on `remix_test.csv`."""
    remixes, known = load_protocol(protocol_file, data), find_known_accompaniments(data)
    predictions, gains = predict_remixes(classifier, remixes)
    return {
        "classification": classification_metrics(predictions, remixes),
        "separation": mean_separation_gains(gains, remixes),
        "accompaniments": accompaniment_metrics(predictions, gains, remixes, known),
    }
