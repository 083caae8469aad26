"""95% bootstrap intervals: whole singers, speakers or artists are drawn anew, not rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence

import numpy as np

DRAWS = 1000

Measure = Callable[[np.ndarray], float]
"""Numbers of rows, some of them more than once, to a figure."""


def interval(measure: Measure, groups: Sequence[str], labels: Sequence[object], seed: int = 0) -> tuple[float, float]:
    """A 95% interval of a figure.

    Each group is replaced by one whose rows have the same labels among them, so that no draw lacks a label and the
    shares of labels differ no more than these groups do.

    Args:
        groups: who every row is of.
        labels: of every row.
    """
    rows, there = defaultdict(list), defaultdict(set)
    for row, (group, label) in enumerate(zip(groups, labels, strict=True)):
        rows[group].append(row)
        there[group].add(label)
    strata = defaultdict(list)
    for group in sorted(rows):
        strata[tuple(sorted(map(str, there[group])))].append(np.array(rows[group]))
    rng = np.random.default_rng(seed)
    draws = [
        measure(
            np.concatenate([alike[k] for alike in strata.values() for k in rng.integers(len(alike), size=len(alike))])
        )
        for _ in range(DRAWS)
    ]
    low, high = np.quantile(draws, [0.025, 0.975])
    return float(low), float(high)


def evenly(values: np.ndarray, labels: np.ndarray) -> float:
    """The mean over the labels that are there of the means of their rows' values [n]."""
    return float(np.mean([values[labels == label].mean() for label in np.unique(labels)]))


def mean_interval(values: np.ndarray, labels: np.ndarray, groups: Sequence[str]) -> tuple[float, float]:
    """The interval of that mean."""
    return interval(lambda rows: evenly(values[rows], labels[rows]), groups, labels.tolist())


def balanced(said: np.ndarray, labels: np.ndarray) -> float:
    """Balanced accuracy: the mean recall of the labels that are there."""
    return evenly(said == labels, labels)


def balanced_interval(said: np.ndarray, labels: np.ndarray, groups: Sequence[str]) -> tuple[float, float]:
    """The interval of the balanced accuracy."""
    return mean_interval(said == labels, labels, groups)
