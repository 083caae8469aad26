"""Bootstrap intervals redraw groups within strata of labels."""

from __future__ import annotations

import numpy as np
import pytest

from train.engine.bootstrap import balanced_accuracy, balanced_accuracy_interval, interval, macro_mean


def test_interval_redraws_groups() -> None:
    values = np.array([1.0] * 50 + [0.0] * 50)
    measure = lambda rows: float(values[rows].mean())  # noqa: E731
    assert interval(measure, ["one"] * 50 + ["other"] * 50, [0] * 100) == (0.0, 1.0)
    low, high = interval(measure, [str(number) for number in range(100)], [0] * 100)
    assert 0.35 < low < 0.5 < high < 0.65


def test_interval_keeps_the_number_of_groups_per_label() -> None:
    """Two speakers of one label and one of the other: drawn freely, an eighth of the draws would lack a label."""
    labels, groups = np.array([0, 0, 0, 0, 1, 1]), ["a", "a", "b", "b", "c", "c"]
    seen: list[int] = []
    interval(lambda rows: float(seen.append(int(labels[rows].sum())) or 0), groups, labels.tolist())
    assert set(seen) == {2}


def test_groups_with_several_labels_form_a_stratum() -> None:
    labels, groups = np.array([0, 1, 0, 1, 0]), ["both", "both", "too", "too", "one"]
    drawn: list[tuple[int, ...]] = []
    interval(lambda rows: float(drawn.append(tuple(sorted(rows))) or 0), groups, labels.tolist())
    assert set(drawn) == {(0, 0, 1, 1, 4), (0, 1, 2, 3, 4), (2, 2, 3, 3, 4)}


def test_interval_of_a_constant_prediction_has_no_width() -> None:
    labels = np.array([0] * 90 + [1] * 10)
    groups = [str(number // 3) for number in range(100)]
    low, high = balanced_accuracy_interval(np.zeros(100, int), labels, groups)
    assert low == high == pytest.approx(0.5)


def test_macro_mean_weights_labels_equally() -> None:
    labels = np.array([0, 0, 0, 1])
    assert macro_mean(np.array([1.0, 0.0, 0.5, 3.0]), labels) == 1.75
    assert balanced_accuracy(np.array([0, 0, 0, 0]), labels) == 0.5
    assert balanced_accuracy(np.zeros(3), np.zeros(3)) == 1
