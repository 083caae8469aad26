"""Every figure of a task with two labels, for one set of rows."""

from __future__ import annotations

import numpy as np
from sklearn.metrics import confusion_matrix, precision_recall_fscore_support

from train.engine.bootstrap import balanced, balanced_interval
from train.engine.calibration_metrics import expected_calibration_error

CLASSES = ("male", "female")


def two_way(probabilities: np.ndarray, labels: np.ndarray, speakers: np.ndarray) -> dict[str, object]:
    """Figures of probabilities [n, 2] against labels [n], with a 95% interval by speaker, ready for JSON."""
    said = probabilities.argmax(1)
    _, recall, f1, _ = precision_recall_fscore_support(labels, said, labels=[0, 1], zero_division=0)
    return {
        "rows": len(labels),
        "speakers": len(set(speakers)),
        "error": float((said != labels).mean()),
        "balanced_accuracy": balanced(said, labels),
        "interval": balanced_interval(said, labels, list(speakers)),
        "recall": dict(zip(CLASSES, recall.tolist(), strict=True)),
        "f1_female": float(f1[1]),
        "confusion": confusion_matrix(labels, said, labels=[0, 1]).tolist(),
        "ece": expected_calibration_error(probabilities, labels, min(15, len(labels))),
        "majority": float(np.bincount(labels).max() / len(labels)),
    }


def by_speaker(probabilities: np.ndarray, labels: np.ndarray, speakers: np.ndarray) -> dict[str, dict[str, object]]:
    """Speaker to class and to the share of the rows that were recognised."""
    right = probabilities.argmax(1) == labels
    return {
        str(name): {
            "label": CLASSES[int(labels[speakers == name][0])],
            "recall": float(right[speakers == name].mean()),
        }
        for name in np.unique(speakers)
    }
