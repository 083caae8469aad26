"""Metrics of predicted probabilities: reliability, calibration error, risk against coverage."""

from __future__ import annotations

import numpy as np

CHANCE_DRAWS = 1000
"""Sets of labels that are drawn to estimate the calibration error of a perfectly calibrated model."""


def reliability_curve(probabilities: np.ndarray, labels: np.ndarray, bins: int = 15) -> list[tuple[float, float, int]]:
    """Mean confidence, accuracy and number of rows of each bin, by rising confidence.

    Args:
        probabilities: [n, k].
        labels: class numbers, [n].
        bins: how many bins of equal mass.
    """
    confidence, correct = probabilities.max(1), probabilities.argmax(1) == labels
    parts = np.array_split(np.argsort(confidence), bins)
    return [(float(confidence[part].mean()), float(correct[part].mean()), len(part)) for part in parts if len(part)]


def expected_calibration_error(probabilities: np.ndarray, labels: np.ndarray, bins: int = 15) -> float:
    """Expected calibration error of probabilities [n, k] in bins of equal mass (Nixon et al. 2019)."""
    curve = reliability_curve(probabilities, labels, bins)
    return sum(abs(accuracy - confidence) * rows for confidence, accuracy, rows in curve) / len(labels)


def chance_calibration_error(probabilities: np.ndarray, seed: int = 0) -> float:
    """Mean calibration error for labels drawn from the probabilities [n, k]: that of a perfectly calibrated model."""
    rng = np.random.default_rng(seed)
    cumulative = probabilities.cumsum(1)
    draws = (rng.random((CHANCE_DRAWS, len(cumulative), 1)) > cumulative[:, :-1]).sum(-1)
    return float(np.mean([expected_calibration_error(probabilities, labels) for labels in draws]))


def risk_coverage_curve(probabilities: np.ndarray, labels: np.ndarray, steps: int = 20) -> list[tuple[float, float]]:
    """Share of the rows [n, k] that is answered, the most confident first, and the error rate among them."""
    wrong = (probabilities.argmax(1) != labels)[np.argsort(-probabilities.max(1))]
    answered = [max(1, round(len(wrong) * step / steps)) for step in range(1, steps + 1)]
    return [(count / len(wrong), float(wrong[:count].mean())) for count in answered]
