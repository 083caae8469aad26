"""Evaluates the singing system on the fixed protocol, through the pipeline that the application serves."""

from __future__ import annotations

from collections.abc import Mapping, Set
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

from gender_audio import weights
from gender_audio.audio import Clip
from gender_audio.systems.ensemble import mean_of_logits, mean_of_probabilities
from gender_audio.systems.labels import SINGING, STUDENT
from gender_audio.systems.singing import SingingClassifier
from train.data.decoding import RATE
from train.data.known_accompaniments import find_known_accompaniments
from train.data.remix import Remix, load_protocol
from train.data.separation_metrics import gains_by_kind, separation_gain
from train.engine.bootstrap import macro_mean, macro_mean_interval
from train.engine.calibration_metrics import (
    chance_calibration_error,
    expected_calibration_error,
    reliability_curve,
    risk_coverage_curve,
)


@dataclass(frozen=True, eq=False)
class Predictions:
    """Predictions of a pipeline for n rows.

    Attributes:
        logits: of every member, [m, n, 4].
        probabilities: calibrated, [n, 4].
        uncertain: whether the pipeline abstains, bool [n].
    """

    logits: np.ndarray
    probabilities: np.ndarray
    uncertain: np.ndarray


def predict_remixes(
    pipelines: Mapping[str, SingingClassifier], remixes: list[Remix]
) -> tuple[dict[str, Predictions], np.ndarray]:
    """Run each remix as one clip through pipelines that share a separator.

    Returns:
        The predictions of each pipeline, and the separation gain of each row in dB, [n].
    """
    separator = next(iter(pipelines.values())).separator
    gains = []
    logits: dict[str, list[torch.Tensor]] = {name: [] for name in pipelines}
    for remix in tqdm(remixes, desc="predict", unit="row"):
        stems = separator(Clip(remix.mixture[None], RATE))
        gains.append(separation_gain(remix, Clip(stems.vocals, stems.rate).mono(RATE)))
        for name, pipeline in pipelines.items():
            logits[name].append(pipeline.ensemble(pipeline.features.from_stems(stems)))
    predictions = {}
    for name, pipeline in pipelines.items():
        all_logits = torch.cat(logits[name], 1)
        probabilities = pipeline.calibration(mean_of_probabilities(all_logits).double().numpy())
        uncertain = pipeline.calibration.uncertain(probabilities)
        predictions[name] = Predictions(all_logits.numpy(), probabilities, uncertain)
    return predictions, np.array(gains)


def label_indices(remixes: list[Remix]) -> np.ndarray:
    """Class numbers of the remixes, [n]."""
    return np.array([SINGING.labels.index(remix.label) for remix in remixes])


def most_confident_rows(predictions: Predictions, share: float) -> dict[str, np.ndarray]:
    """Indices of the most confident share of rows: by the highest probability, and by how many members agree."""
    predicted = predictions.probabilities.argmax(1)
    confidence = predictions.probabilities.max(1)
    agreement = (predictions.logits.argmax(-1) == predicted).mean(0)
    count = round(share * len(predicted))
    return {
        "probability": np.argsort(-confidence, kind="stable")[:count],
        "agreement": np.lexsort((-confidence, -agreement))[:count],
    }


def accuracy_by_ensemble_size(logits: np.ndarray, labels: np.ndarray, draws: int = 5, seed: int = 0) -> list[float]:
    """Accuracy of the mean of 1, 2, ... m members [m, n, 4], averaged over orders in which members join.

    Each member comes first in equally many orders, so the first value is the mean accuracy of the members.
    """
    rng = np.random.default_rng(seed)
    probabilities = torch.from_numpy(logits).double().softmax(-1).numpy()
    permutations = [rng.permutation(len(probabilities)) for _ in range(draws)]
    orders = [np.roll(order, shift) for order in permutations for shift in range(len(probabilities))]
    correct = [(probabilities[order].cumsum(0).argmax(-1) == labels).mean(1) for order in orders]
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


def classification_metrics(predictions: Predictions, remixes: list[Remix]) -> dict[str, object]:
    """All metrics of the four-class task, ready for JSON."""
    labels = label_indices(remixes)
    probabilities = predictions.probabilities
    predicted = probabilities.argmax(1)
    groups = [remix.group for remix in remixes]
    kinds = np.array([remix.kind for remix in remixes])
    members = [float(accuracy_score(labels, member.argmax(1))) for member in predictions.logits]
    confident = ~predictions.uncertain
    correct = (predicted == labels).astype(float)
    above_members = correct - np.mean([member.argmax(1) == labels for member in predictions.logits], 0)
    mean_of_logits_labels = mean_of_logits(torch.from_numpy(predictions.logits)).numpy().argmax(1)
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
        "by_ensemble_size": accuracy_by_ensemble_size(predictions.logits, labels),
        "mean_of_logits": float(accuracy_score(labels, mean_of_logits_labels)),
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


def evaluate_singing(protocol_file: Path, data: Path) -> dict[str, Any]:
    """All metrics of the ensemble, of its student if there is one, and of the separator on a protocol file."""
    remixes, known = load_protocol(protocol_file, data), find_known_accompaniments(data)
    classifiers = {"classification": SingingClassifier.load()}
    if (weights.FOLDER / STUDENT).exists():
        classifiers["student"] = SingingClassifier.load(members=STUDENT)
    predictions, gains = predict_remixes(classifiers, remixes)
    record: dict[str, Any] = {name: classification_metrics(result, remixes) for name, result in predictions.items()}
    record["separation"] = mean_separation_gains(gains, remixes)
    record["accompaniments"] = accompaniment_metrics(predictions["classification"], gains, remixes, known)
    return record
