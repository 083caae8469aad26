"""Samples drawn evenly: no corpus, class or speaker counts more because there is more of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset


class BalancedSampler(Dataset[tuple[Tensor, ...]]):
    """Sample number to (features, label): every level of `keys` is drawn evenly among what the one before left.

    Args:
        keys: one array [n] per level, the widest first, such as corpora, labels and speakers.
        labels: label numbers, [n].
        see: row number and random generator to features, float32.
        seed: everything random follows from it and the sample number.
    """

    def __init__(
        self,
        keys: Sequence[np.ndarray],
        labels: np.ndarray,
        see: Callable[[int, np.random.Generator], np.ndarray],
        seed: int,
    ) -> None:
        self.tree = _tree(np.arange(len(labels)), keys)
        self.labels = labels
        self.see = see
        self.seed = seed

    def __getitem__(self, number: int) -> tuple[Tensor, ...]:
        rng = np.random.default_rng((self.seed, number))
        branch = self.tree
        while isinstance(branch, list):
            branch = branch[rng.integers(len(branch))]
        row = int(branch[rng.integers(len(branch))])
        return torch.from_numpy(self.see(row, rng)), torch.tensor(int(self.labels[row]))


def _tree(rows: np.ndarray, keys: Sequence[np.ndarray]) -> Any:
    """Nested lists, one depth per level, of arrays of row numbers."""
    if not keys:
        return rows
    here = keys[0][rows]
    return [_tree(rows[here == value], keys[1:]) for value in np.unique(here)]
