"""Metrics of a task with two labels."""

from __future__ import annotations

import numpy as np
import pytest

from train.engine.metrics import binary_metrics


def test_binary_metrics() -> None:
    probabilities = np.array([[0.9, 0.1]] * 3 + [[0.2, 0.8], [0.6, 0.4]])
    labels, speakers = np.array([0, 0, 0, 1, 1]), np.array(list("aabcd"))
    metrics = binary_metrics(probabilities, labels, speakers)
    assert metrics["error"] == pytest.approx(0.2)
    assert metrics["balanced_accuracy"] == pytest.approx(0.75)
    assert metrics["recall"] == {"male": 1.0, "female": 0.5}
    assert metrics["confusion"] == [[3, 0], [1, 1]]
    assert metrics["majority"] == pytest.approx(0.6)
    assert metrics["f1_female"] == pytest.approx(2 / 3)
