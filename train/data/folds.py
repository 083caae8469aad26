"""Whose voices each member learns from, and what that leaves for an honest look at the others.

Singers are dealt into folds, and every member leaves one fold out. Were each shown every singer, all of them would know
the voices that they are calibrated on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property

import numpy as np
import torch
from sklearn.metrics import recall_score
from torch import Tensor
from torch.utils.data import Dataset

from gender_audio.systems.ensemble import Ensemble
from gender_audio.systems.labels import SINGING
from train.data.remix_cache import RemixFeatures, ShuffledPasses

VOICED = [number for number, label in enumerate(SINGING.labels) if label != "none"]
FOLDS = 5


def folds(strata: Mapping[str, str], seed: int) -> dict[str, int]:
    """Singer to fold, 0 to `FOLDS` - 1: those of each stratum are dealt out in turn.

    A singer who has a stratum alone is in no fold, -1: whoever left them out would learn nothing about it.

    Args:
        strata: singer to corpus and voice.
        seed: of the ensemble; its members have to agree on the folds.
    """
    rng = np.random.default_rng(seed)
    found: dict[str, int] = {}
    for stratum in sorted(set(strata.values())):
        singers = rng.permutation(sorted(singer for singer in strata if strata[singer] == stratum))
        first = int(rng.integers(FOLDS))
        for place, singer in enumerate(singers):
            found[str(singer)] = (first + place) % FOLDS if len(singers) > 1 else -1
    return found


class Bag(Dataset[tuple[Tensor, ...]]):
    """A member's own draw, with replacement, of the remixes without singers of one fold; labels count as before.

    Every pass over them is shuffled anew.

    Args:
        packed: n remixes.
        strata: singer to corpus and voice.
        seed: of the ensemble.
        member: its number; it leaves out the singers of fold `member % FOLDS`.
        whole: it leaves out nobody.
    """

    def __init__(
        self, packed: RemixFeatures, strata: Mapping[str, str], seed: int, member: int, whole: bool = False
    ) -> None:
        self.packed = packed
        self.fold = member % FOLDS
        self.whole = whole
        self.seed = seed_of(seed, member)
        dealt = folds(strata, seed)
        self.singers = {singer for singer in dealt if whole or dealt[singer] != self.fold}
        worth = self.known.all(1).astype(float)
        for label in np.unique(packed.labels):
            of_label = packed.labels == label
            worth[of_label] *= of_label.mean() / worth[of_label].sum()
        self.drawn = np.random.default_rng(self.seed).choice(len(worth), len(worth), p=worth)
        self._passes = ShuffledPasses(self.drawn, self.seed)

    @cached_property
    def known(self) -> np.ndarray:
        """Whether this member learns from the singers of each remix, bool [n, voices]; true where there are fewer."""
        names, places = np.unique(self.packed.singers, return_inverse=True)
        return np.isin(names, ["", *self.singers])[places].reshape(self.packed.singers.shape)

    @property
    def left_out(self) -> np.ndarray:
        """Remixes that this member did not draw, bool [n]."""
        return ~np.isin(np.arange(len(self.packed.labels)), self.drawn)

    @property
    def unheard(self) -> np.ndarray:
        """Remixes whose singers this member never heard, bool [n]; without singers, those it did not draw."""
        sung = self.packed.singers != ""
        return np.where(sung.any(1), (~sung | ~self.known).all(1), self.left_out)

    def strangers(self, count: int) -> tuple[Tensor, Tensor]:
        """About `count` of the unheard remixes, or all: features, [n, channels, frames, bands], and labels, [n].

        Of a whole bag, they are those that it did not draw.
        """
        among = np.flatnonzero(self.left_out if self.whole else self.unheard)
        rows = draw(among, self.packed.labels, count, np.random.default_rng(self.seed))
        return self.packed.some(rows), torch.from_numpy(self.packed.labels[rows].astype(np.int64))

    def row(self, number: int) -> int:
        """The remix of a sample."""
        return self._passes(number)

    def __getitem__(self, number: int) -> tuple[Tensor, ...]:
        row = self.row(number)
        return self.packed.some(row), torch.tensor(int(self.packed.labels[row]))


def draw(among: np.ndarray, labels: np.ndarray, count: int, rng: np.random.Generator) -> np.ndarray:
    """Some of the rows `among` those labelled, each at most once and in order: labels count as among all of them.

    Where a label has too few rows there are less than `count`: two singers are rarely of one fold.
    """
    found = []
    for label in np.unique(labels):
        rows = among[labels[among] == label]
        share = float(np.mean(labels == label))
        found.append(rng.choice(rows, min(round(count * share), len(rows)), replace=False))
    return np.sort(np.concatenate(found))


def seed_of(ensemble: int, member: int) -> int:
    """What is random about a member of an ensemble that has a seed itself."""
    return 1000 * ensemble + member


def out_of_bag(ensemble: Ensemble, bags: Sequence[Bag], count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """What the members say of singers that they never heard (Breiman 1996).

    Args:
        bags: of the members, in their order, on the same packed remixes.
        count: remixes to draw, among those that some members do not know.

    Returns:
        Mean probabilities of the members that do not know the remix, float [count, 4], and the labels, [count].
    """
    packed = bags[0].packed
    unheard = np.stack([bag.unheard for bag in bags])
    usable = np.flatnonzero(unheard.any(0))
    rows = draw(usable, packed.labels, count, np.random.default_rng(seed))
    probabilities = ensemble(packed.some(rows)).softmax(-1).numpy()
    weight = unheard[:, rows, None] / unheard[:, rows].sum(0)[:, None]
    return (probabilities * weight).sum(0), np.asarray(packed.labels[rows])


def leak(ensemble: Ensemble, bags: Sequence[Bag], count: int, seed: int) -> dict[str, float]:
    """What a random split of these remixes would have promised, and what a split by singers does.

    Args:
        count: remixes per member and kind of split.

    Returns:
        Balanced accuracy over the labels with a voice, mean over the members, on remixes that a member did not learn
        from: `random`, with singers that it knows from other remixes, and `grouped`, with singers that it never heard.
    """
    rng = np.random.default_rng(seed)
    found: dict[str, list[float]] = {"random": [], "grouped": []}
    for member, bag in zip(ensemble.members, bags, strict=True):
        packed = bag.packed
        sung = (packed.singers != "").any(1)
        known = bag.left_out & bag.known.all(1)
        alone = Ensemble([member])
        for split, usable in (("random", sung & known), ("grouped", sung & bag.unheard)):
            rows = draw(np.flatnonzero(usable), packed.labels, count, rng)
            said = alone(packed.some(rows))[0].argmax(1)
            found[split].append(float(recall_score(packed.labels[rows], said, average="macro", labels=VOICED)))
    return {split: float(np.mean(scores)) for split, scores in found.items()}
