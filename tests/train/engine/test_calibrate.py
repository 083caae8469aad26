"""Temperature scaling and the threshold of a calibration."""

from __future__ import annotations

import numpy as np
import pytest

from train.engine.calibrate import calibrate


def test_calibrate_recovers_the_temperature() -> None:
    rng = np.random.default_rng(0)
    logits = rng.normal(0, 2, (4000, 4))
    labels = np.array([rng.choice(4, p=row / row.sum()) for row in np.exp(logits)])
    overconfident = np.exp(2 * logits) / np.exp(2 * logits).sum(1, keepdims=True)
    calibration = calibrate(overconfident, labels, coverage=0.9)
    assert calibration.temperature == pytest.approx(2, rel=0.1)
    assert calibration.uncertain(calibration(overconfident)).mean() == pytest.approx(0.1, abs=0.01)
