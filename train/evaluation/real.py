"""Evaluates the singing system on real recordings that it was not trained on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from sklearn.metrics import confusion_matrix, log_loss
from tqdm import tqdm

from gender_audio.audio import Clip
from gender_audio.systems.labels import SINGING
from gender_audio.systems.singing import SingingClassifier
from train.data.decoding import RATE
from train.data.real_snippets import RealSnippet, load_real
from train.engine.calibration_metrics import reliability_curve, risk_coverage_curve
from train.evaluation.singing import Predictions, collect, system_metrics


def predict_real(classifier: SingingClassifier, snippets: list[RealSnippet]) -> Predictions:
    """Classify each snippet as one clip, as the application does."""
    progress = tqdm(snippets, desc="predict", unit="row")
    return collect([classifier(Clip(snippet.samples[None], RATE)) for snippet in progress])


def real_metrics(predictions: Predictions, snippets: list[RealSnippet]) -> dict[str, Any]:
    """All metrics on real recordings, ready for JSON; intervals redraw whole groups."""
    labels = np.array([SINGING.labels.index(snippet.label) for snippet in snippets])
    groups = [snippet.group for snippet in snippets]
    probabilities = predictions.probabilities
    correct = probabilities.argmax(1) == labels
    confident = ~predictions.uncertain
    return {
        "rows": len(labels),
        "groups": len(set(groups)),
        **system_metrics(probabilities, labels, groups),
        "nll": float(log_loss(labels, probabilities.astype(float), labels=range(len(SINGING.labels)))),
        "confusion": confusion_matrix(labels, probabilities.argmax(1), labels=range(len(SINGING.labels))).tolist(),
        "reliability": reliability_curve(probabilities, labels),
        "risk": risk_coverage_curve(probabilities, labels),
        "coverage": float(confident.mean()),
        "accuracy_when_confident": float(correct[confident].mean()),
        "by_kind": _shares([f"{snippet.kind}, {snippet.label}" for snippet in snippets], correct),
        "by_dataset": _shares([snippet.dataset for snippet in snippets], correct),
        "alone": {name: system_metrics(values, labels, groups) for name, values in predictions.alone.items()},
    }


def _shares(names: list[str], correct: np.ndarray) -> dict[str, dict[str, float]]:
    """Name to the number of its rows, and to the share of them that is correct."""
    array = np.array(names)
    return {
        str(name): {"rows": int((array == name).sum()), "accuracy": float(correct[array == name].mean())}
        for name in np.unique(array)
    }


def evaluate_real(classifier: SingingClassifier, protocol_file: Path, data: Path) -> dict[str, Any]:
    """All metrics of the singing system on `real_test.csv` or `real_val.csv`."""
    snippets = load_real(protocol_file, data)
    return real_metrics(predict_real(classifier, snippets), snippets)
