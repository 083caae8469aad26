"""Temperature scaling and the threshold of a calibration."""

from __future__ import annotations

import numpy as np
import pytest

from train.engine.calibrate import accuracy_threshold, calibrate


def test_calibrate_recovers_the_temperature() -> None:
    rng = np.random.default_rng(0)
    logits = rng.normal(0, 2, (4000, 4))
    labels = np.array([rng.choice(4, p=row / row.sum()) for row in np.exp(logits)])
    overconfident = np.exp(2 * logits) / np.exp(2 * logits).sum(1, keepdims=True)
    calibration = calibrate(overconfident, labels, coverage=0.9)
    assert calibration.temperature == pytest.approx(2, rel=0.1)
    assert calibration.uncertain(calibration(overconfident)).mean() == pytest.approx(0.1, abs=0.01)


def test_accuracy_threshold_is_the_lowest_one_with_that_accuracy() -> None:
    confidence = np.array([0.9, 0.8, 0.7, 0.6, 0.5])
    correct = np.array([True, True, False, True, False])
    weight = np.ones(5)
    assert accuracy_threshold(confidence, correct, weight, accuracy=0.75, coverage=0.2) == 0.6
    assert accuracy_threshold(confidence, correct, weight, accuracy=1.0, coverage=0.2) == 0.8
    # At least three of five rows stay, although they are less often right.
    assert accuracy_threshold(confidence, correct, weight, accuracy=1.0, coverage=0.6) == 0.7
