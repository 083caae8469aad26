"""All metrics of a task with two labels."""

from __future__ import annotations

import numpy as np
from sklearn.metrics import confusion_matrix, precision_recall_fscore_support

from train.engine.bootstrap import balanced_accuracy, balanced_accuracy_interval
from train.engine.calibration_metrics import expected_calibration_error

CLASSES = ("male", "female")


def binary_metrics(probabilities: np.ndarray, labels: np.ndarray, speakers: np.ndarray) -> dict[str, object]:
    """Metrics of probabilities [n, 2] against labels [n], with a 95% interval by speaker, ready for JSON."""
    predictions = probabilities.argmax(1)
    _, recall, f1, _ = precision_recall_fscore_support(labels, predictions, labels=[0, 1], zero_division=0)
    return {
        "rows": len(labels),
        "speakers": len(set(speakers)),
        "error": float((predictions != labels).mean()),
        "balanced_accuracy": balanced_accuracy(predictions, labels),
        "interval": balanced_accuracy_interval(predictions, labels, list(speakers)),
        "recall": dict(zip(CLASSES, recall.tolist(), strict=True)),
        "f1_female": float(f1[1]),
        "confusion": confusion_matrix(labels, predictions, labels=[0, 1]).tolist(),
        "ece": expected_calibration_error(probabilities, labels, min(15, len(labels))),
        "majority": float(np.bincount(labels).max() / len(labels)),
    }


def recall_by_speaker(
    probabilities: np.ndarray, labels: np.ndarray, speakers: np.ndarray
) -> dict[str, dict[str, object]]:
    """Speaker to label and to the share of their rows that are predicted correctly."""
    correct = probabilities.argmax(1) == labels
    return {
        str(name): {
            "label": CLASSES[int(labels[speakers == name][0])],
            "recall": float(correct[speakers == name].mean()),
        }
        for name in np.unique(speakers)
    }
