"""Calibration on validation rows: a temperature for averaged probabilities, and a threshold of confidence."""

from __future__ import annotations

import numpy as np
from scipy.optimize import minimize_scalar
from sklearn.metrics import log_loss

from gender_audio.calibration import Calibration


def calibrate(probabilities: np.ndarray, labels: np.ndarray, coverage: float = 0.9) -> Calibration:
    """The temperature with the lowest NLL, and the threshold that the most confident `coverage` of the rows pass.

    Args:
        probabilities: averaged over the members, [n, k].
        labels: label numbers, [n].
    """
    temperature = fit_temperature(probabilities, labels)
    confidence = Calibration(temperature)(probabilities).max(1)
    return Calibration(temperature, float(np.quantile(confidence, 1 - coverage)))


def fit_temperature(probabilities: np.ndarray, labels: np.ndarray, weight: np.ndarray | None = None) -> float:
    """The temperature with the lowest NLL of probabilities [n, k], with a weight for every row [n]."""

    def loss(logarithm: float) -> float:
        scaled = Calibration(float(np.exp(logarithm)))(probabilities)
        return float(log_loss(labels, scaled, sample_weight=weight, labels=range(probabilities.shape[1])))

    return float(np.exp(minimize_scalar(loss, bounds=(-2, 2), method="bounded").x))


def accuracy_threshold(
    confidence: np.ndarray, correct: np.ndarray, weight: np.ndarray, accuracy: float, coverage: float
) -> float:
    """The lowest threshold of confidence above which at least `accuracy` of the rows are right.

    Args:
        confidence, correct, weight: of every row, [n].
        coverage: at least this share of the rows stays above the threshold.
    """
    order = np.argsort(-confidence, kind="stable")
    total = np.cumsum(weight[order])
    right = np.cumsum((weight * correct)[order]) / total
    covered = total / total[-1]
    allowed = np.flatnonzero((right >= accuracy) | (covered <= coverage))
    return float(confidence[order][allowed[-1]]) if len(allowed) else float(confidence.max())
