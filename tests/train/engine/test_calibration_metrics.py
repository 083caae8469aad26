"""Calibration metrics against values worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from train.engine.calibration_metrics import (
    chance_calibration_error,
    expected_calibration_error,
    reliability_curve,
    risk_coverage_curve,
)


def test_expected_calibration_error_of_overconfident_predictions() -> None:
    probabilities = np.tile([0.9, 0.1, 0, 0], (100, 1))
    assert expected_calibration_error(probabilities, np.array([0, 1] * 50), bins=1) == pytest.approx(0.4)
    assert expected_calibration_error(probabilities, np.zeros(100, int), bins=1) == pytest.approx(0.1)


def test_chance_calibration_error_matches_labels_drawn_from_the_probabilities() -> None:
    rng = np.random.default_rng(1)
    probabilities = rng.dirichlet([1.0, 2.0, 3.0, 4.0], 600)
    by_chance = chance_calibration_error(probabilities)
    labels = np.array([rng.choice(4, p=row) for row in probabilities])
    assert 0 < by_chance < 0.08
    assert expected_calibration_error(probabilities, labels) < 2 * by_chance
    assert expected_calibration_error(probabilities, (labels + 1) % 4) > 4 * by_chance
    assert chance_calibration_error(np.eye(4)) == 0


def test_reliability_curve_is_sorted_by_confidence() -> None:
    probabilities = np.array([[0.9, 0.1, 0, 0], [0.6, 0.4, 0, 0], [0.9, 0.1, 0, 0], [0.6, 0.4, 0, 0]])
    curve = reliability_curve(probabilities, np.array([0, 1, 0, 0]), bins=2)
    assert [part[0] for part in curve] == pytest.approx([0.6, 0.9])
    assert [part[1:] for part in curve] == [(0.5, 2), (1.0, 2)]


def test_risk_coverage_curve_counts_errors_among_the_most_confident() -> None:
    probabilities = np.array([[0.9, 0.1, 0, 0], [0.8, 0.2, 0, 0], [0.7, 0.3, 0, 0], [0.6, 0.4, 0, 0]])
    curve = risk_coverage_curve(probabilities, np.array([0, 1, 0, 1]), steps=4)
    assert np.array(curve) == pytest.approx(np.array([[0.25, 0], [0.5, 0.5], [0.75, 1 / 3], [1, 0.5]]))
