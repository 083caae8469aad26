"""Bootstraps of singers: what each member learns from, and what that leaves for an honest look at the others.

A bootstrap of remixes would show every member every singer, and all members would err on the same voices.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property

import numpy as np
import torch
from sklearn.metrics import recall_score
from torch import Tensor
from torch.utils.data import Dataset

from gender_audio.ensemble import Ensemble
from gender_audio.systems import SINGER
from train.data.packed import Packed, Passes

VOICED = [number for number, label in enumerate(SINGER.labels) if label != "none"]
FEWEST = 3
"""Members that must not know a remix before their mean says something about the ensemble."""


class Bootstrap(Dataset[tuple[Tensor, ...]]):
    """The remixes of a member's own singers; every pass over them is shuffled anew.

    Singers are drawn with replacement from those of the same stratum, so a member never hears about a third of them.
    Remixes then count as often as their singers were drawn, labels as often as before.

    Args:
        packed: n remixes.
        strata: singer to corpus and voice.
        seed: of the member.
    """

    def __init__(self, packed: Packed, strata: Mapping[str, str], seed: int) -> None:
        self.packed = packed
        self.seed = seed
        rng = np.random.default_rng(seed)
        self.times = bag(strata, rng)
        worth = self.voices.prod(1)
        for label in np.unique(packed.labels):
            of_label = packed.labels == label
            worth[of_label] *= of_label.mean() / worth[of_label].sum()
        self.drawn = rng.choice(len(worth), len(worth), p=worth)
        self._passes = Passes(self.drawn, seed)

    @cached_property
    def voices(self) -> np.ndarray:
        """How often the singers of each remix were drawn, float [n, voices]; 1 where there are fewer."""
        times = {"": 1.0, **self.times}
        names, places = np.unique(self.packed.singers, return_inverse=True)
        return np.array([times[name] for name in names])[places].reshape(self.packed.singers.shape)

    @property
    def left_out(self) -> np.ndarray:
        """Remixes that this member did not draw, bool [n]."""
        return ~np.isin(np.arange(len(self.packed.labels)), self.drawn)

    @property
    def unheard(self) -> np.ndarray:
        """Remixes whose singers this member never heard, bool [n]; without singers, those it did not draw."""
        sung = self.packed.singers != ""
        return np.where(sung.any(1), (~sung | (self.voices == 0)).all(1), self.left_out)

    def strangers(self, count: int) -> tuple[Tensor, Tensor]:
        """At most `count` of the unheard remixes: features, [n, channels, frames, bands], and labels, [n]."""
        among = np.flatnonzero(self.unheard)
        rows = draw(among, count, np.random.default_rng(self.seed))
        return self.packed.some(rows), torch.from_numpy(self.packed.labels[rows].astype(np.int64))

    def __getitem__(self, number: int) -> tuple[Tensor, ...]:
        row = self._passes(number)
        return self.packed.some(row), torch.tensor(int(self.packed.labels[row]))


def draw(among: np.ndarray, count: int, rng: np.random.Generator) -> np.ndarray:
    """At most `count` of some rows, in their order, each at most once."""
    return np.sort(rng.choice(among, min(count, len(among)), replace=False))


def bag(strata: Mapping[str, str], rng: np.random.Generator) -> dict[str, float]:
    """How often each singer is drawn when every stratum is redrawn with replacement."""
    times = dict.fromkeys(strata, 0.0)
    for stratum in sorted(set(strata.values())):
        singers = [singer for singer in strata if strata[singer] == stratum]
        for place in rng.integers(len(singers), size=len(singers)):
            times[singers[place]] += 1
    return times


def out_of_bag(
    ensemble: Ensemble, bootstraps: Sequence[Bootstrap], count: int, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """What the members say of singers that they never heard (Breiman 1996).

    Args:
        bootstraps: of the members, in their order, on the same packed remixes.
        count: remixes to draw, among those that at least `FEWEST` members do not know.

    Returns:
        Mean probabilities of the members that do not know the remix, float [count, 4], and the labels, [count].
    """
    packed = bootstraps[0].packed
    unheard = np.stack([bootstrap.unheard for bootstrap in bootstraps])
    usable = np.flatnonzero(unheard.sum(0) >= FEWEST)
    rows = draw(usable, count, np.random.default_rng(seed))
    probabilities = ensemble(packed.some(rows)).softmax(-1).numpy()
    weight = unheard[:, rows, None] / unheard[:, rows].sum(0)[:, None]
    return (probabilities * weight).sum(0), np.asarray(packed.labels[rows])


def leak(ensemble: Ensemble, bootstraps: Sequence[Bootstrap], count: int, seed: int) -> dict[str, float]:
    """What a random split of these remixes would have promised, and what a split by singers does.

    Args:
        count: remixes per member and kind of split.

    Returns:
        Balanced accuracy over the labels with a voice, mean over the members, on remixes that a member did not learn
        from: `random`, with singers that it knows from other remixes, and `grouped`, with singers that it never heard.
    """
    rng = np.random.default_rng(seed)
    found: dict[str, list[float]] = {"random": [], "grouped": []}
    for member, bootstrap in zip(ensemble.members, bootstraps, strict=True):
        packed = bootstrap.packed
        sung = (packed.singers != "").any(1)
        known = bootstrap.left_out & (bootstrap.voices > 0).all(1)
        alone = Ensemble([member], ensemble.feature, ensemble.inputs)
        for split, usable in (("random", sung & known), ("grouped", sung & bootstrap.unheard)):
            rows = draw(np.flatnonzero(usable), count, rng)
            said = alone(packed.some(rows))[0].argmax(1)
            found[split].append(float(recall_score(packed.labels[rows], said, average="macro", labels=VOICED)))
    return {split: float(np.mean(scores)) for split, scores in found.items()}
