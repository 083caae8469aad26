"""Bags of singers: who a member never hears, and what is left to judge it by."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from gender_audio.ensemble import Ensemble
from gender_audio.features.filterbank import Filterbank
from gender_audio.systems import SINGER
from train.bags import Bootstrap, leak, out_of_bag
from train.data.packed import Packed

STRATA = {**{f"low-{n}": "male" for n in range(6)}, **{f"high-{n}": "female" for n in range(6)}}


def packed(count: int = 600) -> Packed:
    """Remixes numbered by their only feature: nobody, one singer, or two."""
    names, rng = list(STRATA), np.random.default_rng(0)
    singers = np.array([(*rng.choice(names, row % 3, replace=False), "", "")[:2] for row in range(count)])
    labels = ["none" if not one else "multiple" if other else STRATA[one] for one, other in singers]
    features = np.arange(count, dtype=np.float16)[:, None, None, None]
    return Packed(features, np.array([SINGER.labels.index(label) for label in labels], np.uint8), singers)


def test_a_member_never_hears_the_singers_outside_its_bag() -> None:
    remixes = packed()
    one, other = (Bootstrap(remixes, STRATA, seed) for seed in (1, 2))
    bags = [{name for name in remixes.singers[bootstrap.drawn].ravel() if name} for bootstrap in (one, other)]
    for bag in bags:
        assert 3 <= len(bag) < len(STRATA)
        assert {STRATA[name] for name in bag} == {"male", "female"}
    assert bags[0] != bags[1]
    assert np.bincount(remixes.labels[one.drawn]) == pytest.approx(np.bincount(remixes.labels), abs=50)


def test_every_pass_over_a_bootstrap_has_its_own_order() -> None:
    bootstrap = Bootstrap(packed(), STRATA, 1)
    passes = [[int(bootstrap[600 * turn + number][0]) for number in range(600)] for turn in (0, 1)]
    assert sorted(passes[0]) == sorted(passes[1]) == sorted(bootstrap.drawn.tolist())
    assert passes[0] != passes[1]


def test_unheard_remixes_have_no_singer_of_the_bag() -> None:
    bootstrap = Bootstrap(packed(), STRATA, 1)
    bag = {name for name, times in bootstrap.times.items() if times}
    for singers, unheard in zip(bootstrap.packed.singers, bootstrap.unheard, strict=True):
        if any(singers):
            assert unheard == (not bag & set(singers))
    silent = np.flatnonzero(bootstrap.packed.labels == 0)
    assert 0.2 < bootstrap.unheard[silent].mean() < 0.5
    assert not bootstrap.unheard[bootstrap.drawn].any()


def test_strangers_are_unheard_remixes_with_their_labels() -> None:
    bootstrap = Bootstrap(packed(), STRATA, 1)
    features, labels = bootstrap.strangers(50)
    rows = features.ravel().long().numpy()
    assert len(set(rows)) == len(labels) == 50
    assert bootstrap.unheard[rows].all()
    np.testing.assert_array_equal(labels, bootstrap.packed.labels[rows])
    assert len(bootstrap.strangers(10_000)[1]) == bootstrap.unheard.sum()


class Sure(nn.Module):
    """Always says one label."""

    def __init__(self, label: int) -> None:
        super().__init__()
        self.label = label

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        return 50 * nn.functional.one_hot(torch.full((len(features),), self.label), 4).float()


def test_only_members_that_do_not_know_a_remix_judge_it() -> None:
    bootstraps = [Bootstrap(packed(), STRATA, seed) for seed in range(12)]
    ensemble = Ensemble([Sure(seed % 4) for seed in range(12)], Filterbank(), ("vocals",))
    probabilities, said = out_of_bag(ensemble, bootstraps, 40, seed=0)
    assert probabilities.shape == (40, 4)
    assert probabilities.sum(1) == pytest.approx(1)
    assert set(said.tolist()) <= {0, 1, 2, 3}
    unheard = np.stack([bootstrap.unheard for bootstrap in bootstraps])
    possible = {
        tuple(np.bincount(np.flatnonzero(column) % 4, minlength=4) / column.sum())
        for column in unheard.T
        if column.any()
    }
    assert {tuple(row) for row in probabilities.round(6)} <= {tuple(np.round(row, 6)) for row in possible}


class Rote(nn.Module):
    """Knows the remixes of some singers by heart and takes every other one for a male-like voice."""

    def __init__(self, bootstrap: Bootstrap) -> None:
        super().__init__()
        self.packed, self.times = bootstrap.packed, bootstrap.times

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        rows = features[:, 0, 0, 0].int().tolist()
        known = [all(self.times[singer] for singer in self.packed.singers[row] if singer) for row in rows]
        said = [int(self.packed.labels[row]) if knows else 1 for row, knows in zip(rows, known, strict=True)]
        return nn.functional.one_hot(torch.tensor(said), 4).float()


def test_rote_learning_shines_on_a_random_split_only() -> None:
    bootstraps = [Bootstrap(packed(), STRATA, seed) for seed in range(3)]
    ensemble = Ensemble([Rote(bootstrap) for bootstrap in bootstraps], Filterbank(), ("vocals",))
    found = leak(ensemble, bootstraps, 200, seed=0)
    assert found["random"] == pytest.approx(1)
    assert found["grouped"] == pytest.approx(1 / 3)
