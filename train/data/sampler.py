"""Order in which training samples are drawn from a data set."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset


class ShuffledEpochs:
    """Sample number to row: epoch after epoch over the same rows [n], each in its own random order."""

    def __init__(self, rows: np.ndarray, seed: int) -> None:
        self.rows = rows
        self.seed = seed
        self._epoch = -1
        self._order = rows

    def __call__(self, number: int) -> int:
        """The row of a sample."""
        epoch, place = divmod(number, len(self.rows))
        if epoch != self._epoch:
            self._epoch, self._order = epoch, np.random.default_rng((self.seed, epoch)).permutation(self.rows)
        return int(self._order[place])


class BalancedSampler(Dataset[tuple[Tensor, ...]]):
    """Sample number to (features, label), balanced by corpus, class or speaker.

    The levels of `keys` are drawn one after the other, each value with the same probability, then a row.

    Args:
        keys: one array [n] per level, the coarsest first, such as corpora, labels and speakers.
        labels: label numbers, [n].
        load: row number and random generator to features, float32.
        seed: seed of everything random, together with the sample number.
    """

    def __init__(
        self,
        keys: Sequence[np.ndarray],
        labels: np.ndarray,
        load: Callable[[int, np.random.Generator], np.ndarray],
        seed: int,
    ) -> None:
        self.tree = _tree(np.arange(len(labels)), keys)
        self.labels = labels
        self.load = load
        self.seed = seed

    def __getitem__(self, number: int) -> tuple[Tensor, ...]:
        rng = np.random.default_rng((self.seed, number))
        branch = self.tree
        while isinstance(branch, list):
            branch = branch[rng.integers(len(branch))]
        row = int(branch[rng.integers(len(branch))])
        return torch.from_numpy(self.load(row, rng)), torch.tensor(int(self.labels[row]))


def _tree(rows: np.ndarray, keys: Sequence[np.ndarray]) -> Any:
    """Nested lists, one depth per level, of arrays of row numbers."""
    if not keys:
        return rows
    values = keys[0][rows]
    return [_tree(rows[values == value], keys[1:]) for value in np.unique(values)]
