"""Intervals: whose rows they draw, and what they therefore know of."""

from __future__ import annotations

import numpy as np
import pytest

from train.engine.bootstrap import balanced_accuracy, balanced_accuracy_interval, interval, macro_mean


def test_an_interval_redraws_groups() -> None:
    values = np.array([1.0] * 50 + [0.0] * 50)
    measure = lambda rows: float(values[rows].mean())  # noqa: E731
    assert interval(measure, ["one"] * 50 + ["other"] * 50, [0] * 100) == (0.0, 1.0)
    low, high = interval(measure, [str(number) for number in range(100)], [0] * 100)
    assert 0.35 < low < 0.5 < high < 0.65


def test_every_draw_has_as_many_groups_of_each_label() -> None:
    """Two speakers of one label and one of the other: drawn freely, an eighth of the draws would lack a label."""
    labels, groups = np.array([0, 0, 0, 0, 1, 1]), ["a", "a", "b", "b", "c", "c"]
    seen: list[int] = []
    interval(lambda rows: float(seen.append(int(labels[rows].sum())) or 0), groups, labels.tolist())
    assert set(seen) == {2}


def test_groups_with_several_labels_stand_for_one_another() -> None:
    labels, groups = np.array([0, 1, 0, 1, 0]), ["both", "both", "too", "too", "one"]
    drawn: list[tuple[int, ...]] = []
    interval(lambda rows: float(drawn.append(tuple(sorted(rows))) or 0), groups, labels.tolist())
    assert set(drawn) == {(0, 0, 1, 1, 4), (0, 1, 2, 3, 4), (2, 2, 3, 3, 4)}


def test_who_always_says_the_same_is_known_exactly() -> None:
    labels = np.array([0] * 90 + [1] * 10)
    groups = [str(number // 3) for number in range(100)]
    low, high = balanced_accuracy_interval(np.zeros(100, int), labels, groups)
    assert low == high == pytest.approx(0.5)


def test_labels_count_alike_however_many_rows_they_have() -> None:
    labels = np.array([0, 0, 0, 1])
    assert macro_mean(np.array([1.0, 0.0, 0.5, 3.0]), labels) == 1.75
    assert balanced_accuracy(np.array([0, 0, 0, 0]), labels) == 0.5
    assert balanced_accuracy(np.zeros(3), np.zeros(3)) == 1
