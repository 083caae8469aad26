"""Folds of singers, and the remixes that each member of an ensemble is trained on.

Every singer is in one fold, and every member leaves one fold out. So some members are not trained on
each singer, and they can be calibrated on it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Mapping
from functools import cached_property

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset

from train.data.remix_cache import RemixFeatures
from train.data.sampler import ShuffledEpochs

FOLDS = 5
GUESSED_WEIGHT = 0.5
"""How often a remix with a guessed voice is drawn, compared with others."""


def assign_folds(strata: Mapping[str, str], seed: int) -> dict[str, int]:
    """Singer to fold, 0 to `FOLDS` - 1. The singers of each stratum are spread evenly over the folds.

    Each stratum has its own random state, so another stratum does not move its singers. The only singer of a voice gets
    -1, which is no fold: without that singer, a member could not learn the voice.

    Args:
        strata: singer to corpus and voice.
        seed: seed of the ensemble. All members must use the same one.
    """
    folds: dict[str, int] = {}
    voices = Counter(_voice(stratum) for stratum in strata.values())
    for stratum in sorted(set(strata.values())):
        rng = np.random.default_rng([seed, *stratum.encode()])
        singers = rng.permutation(sorted(singer for singer in strata if strata[singer] == stratum))
        first = int(rng.integers(FOLDS))
        for position, singer in enumerate(singers):
            folds[str(singer)] = (first + position) % FOLDS if voices[_voice(stratum)] > 1 else -1
    return folds


def _voice(stratum: str) -> str:
    """The voice in a stratum, its last word."""
    return stratum.rpartition(" ")[2]


class Bag(Dataset[tuple[Tensor, ...]]):
    """A member's bootstrap sample of the remixes without the singers of one fold (bagging, Breiman 1996).

    Rows are drawn with replacement, and labels are as frequent as among all remixes. Every epoch is shuffled anew.

    Args:
        remixes: n remixes.
        strata: singer to corpus and voice.
        seed: seed of the ensemble.
        member: number of the member. It leaves out the singers of fold `member % FOLDS`.
        guessed: singers whose voice a model guessed. Their remixes are drawn half as often and are never held out.
    """

    def __init__(
        self,
        remixes: RemixFeatures,
        strata: Mapping[str, str],
        seed: int,
        member: int,
        guessed: Container[str] = frozenset(),
    ) -> None:
        self.remixes = remixes
        self.guessed = guessed
        self.fold = member % FOLDS
        self.seed = member_seed(seed, member)
        folds = assign_folds(strata, seed)
        self.singers = {singer for singer in folds if folds[singer] != self.fold}
        weights = self.known_singers.all(1) * np.where(self.with_guessed, GUESSED_WEIGHT, 1.0)
        for label in np.unique(remixes.labels):
            of_label = remixes.labels == label
            weights[of_label] *= of_label.mean() / weights[of_label].sum()
        self.rows = np.random.default_rng(self.seed).choice(len(weights), len(weights), p=weights)
        self._epochs = ShuffledEpochs(self.rows, self.seed)

    @cached_property
    def known_singers(self) -> np.ndarray:
        """Whether the member is trained on each singer of each remix, bool [n, voices]. Empty places count as known."""
        names, places = np.unique(self.remixes.singers, return_inverse=True)
        return np.isin(names, ["", *self.singers])[places].reshape(self.remixes.singers.shape)

    @cached_property
    def with_guessed(self) -> np.ndarray:
        """Whether a model guessed the voice of a singer of each remix, bool [n]."""
        names, places = np.unique(self.remixes.singers, return_inverse=True)
        guessed = np.array([str(name) in self.guessed for name in names], bool)
        return np.asarray(guessed[places].reshape(self.remixes.singers.shape).any(1))

    @property
    def out_of_bag(self) -> np.ndarray:
        """Remixes that are not in this bag and have no guessed voice, bool [n]."""
        return ~np.isin(np.arange(len(self.remixes.labels)), self.rows) & ~self.with_guessed

    @property
    def held_out(self) -> np.ndarray:
        """Remixes of held-out singers only, bool [n]; of remixes without a singer, those that are not in this bag."""
        sung = self.remixes.singers != ""
        held_out = np.where(sung.any(1), (~sung | ~self.known_singers).all(1), self.out_of_bag)
        return held_out & ~self.with_guessed

    def held_out_sample(self, count: int) -> tuple[Tensor, Tensor]:
        """About `count` held-out remixes, or all: features [n, channels, frames, bands] and labels [n]."""
        rows = stratified_sample(
            np.flatnonzero(self.held_out), self.remixes.labels, count, np.random.default_rng(self.seed)
        )
        return self.remixes.load(rows), torch.from_numpy(self.remixes.labels[rows].astype(np.int64))

    def row(self, number: int) -> int:
        """The row of a sample among the remixes."""
        return self._epochs(number)

    def __getitem__(self, number: int) -> tuple[Tensor, ...]:
        row = self.row(number)
        return self.remixes.load(row), torch.tensor(int(self.remixes.labels[row]))


def stratified_sample(among: np.ndarray, labels: np.ndarray, count: int, rng: np.random.Generator) -> np.ndarray:
    """Up to `count` of the rows `among`, sorted, without repetition. Labels are as frequent as in all of `labels`.

    If a label has too few rows, the sample is smaller: two singers are rarely in the same fold.
    """
    sample = []
    for label in np.unique(labels):
        rows = among[labels[among] == label]
        share = float(np.mean(labels == label))
        sample.append(rng.choice(rows, min(round(count * share), len(rows)), replace=False))
    return np.sort(np.concatenate(sample))


def member_seed(ensemble: int, member: int) -> int:
    """The seed of a member, from the seed of its ensemble."""
    return 1000 * ensemble + member
