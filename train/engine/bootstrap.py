"""95% bootstrap intervals that redraw whole singers, speakers or artists instead of rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence

import numpy as np

DRAWS = 1000

Metric = Callable[[np.ndarray], float]
"""A function from row numbers, which may be repeated, to a number."""


def interval(metric: Metric, groups: Sequence[str], labels: Sequence[object], seed: int = 0) -> tuple[float, float]:
    """A 95% interval of a metric.

    Each draw replaces each group by a group whose rows have the same set of labels. So every draw has all labels, and
    their shares vary only as much as the sizes of these groups.

    Args:
        groups: singer, speaker or artist of every row.
        labels: label of every row.
    """
    rows, labels_of = defaultdict(list), defaultdict(set)
    for row, (group, label) in enumerate(zip(groups, labels, strict=True)):
        rows[group].append(row)
        labels_of[group].add(label)
    strata = defaultdict(list)
    for group in sorted(rows):
        strata[tuple(sorted(map(str, labels_of[group])))].append(np.array(rows[group]))
    rng = np.random.default_rng(seed)
    draws = [
        metric(
            np.concatenate(
                [stratum[k] for stratum in strata.values() for k in rng.integers(len(stratum), size=len(stratum))]
            )
        )
        for _ in range(DRAWS)
    ]
    low, high = np.quantile(draws, [0.025, 0.975])
    return float(low), float(high)


def macro_mean(values: np.ndarray, labels: np.ndarray) -> float:
    """The mean of `values` [n] for each label that occurs, averaged over these labels."""
    return float(np.mean([values[labels == label].mean() for label in np.unique(labels)]))


def macro_mean_interval(values: np.ndarray, labels: np.ndarray, groups: Sequence[str]) -> tuple[float, float]:
    """The 95% interval of `macro_mean`."""
    return interval(lambda rows: macro_mean(values[rows], labels[rows]), groups, labels.tolist())


def balanced_accuracy(predictions: np.ndarray, labels: np.ndarray) -> float:
    """The mean recall of the labels that occur."""
    return macro_mean(predictions == labels, labels)


def balanced_accuracy_interval(
    predictions: np.ndarray, labels: np.ndarray, groups: Sequence[str]
) -> tuple[float, float]:
    """The 95% interval of `balanced_accuracy`."""
    return macro_mean_interval(predictions == labels, labels, groups)
