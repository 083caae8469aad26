"""Out-of-bag predictions, and the accuracy with a split that leaks singers."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from gender_audio.systems.ensemble import Ensemble
from tests.train.data.test_folds import STRATA, make_remixes
from train.data.folds import Bag
from train.recipes.out_of_bag import out_of_bag, split_leakage


class ConstantMember(nn.Module):
    """Always predicts one label."""

    def __init__(self, label: int) -> None:
        super().__init__()
        self.label = label

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        return 50 * nn.functional.one_hot(torch.full((len(features),), self.label), 4).float()


def test_out_of_bag_uses_members_that_hold_out_the_singers() -> None:
    bags = [Bag(make_remixes(), STRATA, 0, member) for member in range(12)]
    ensemble = Ensemble([ConstantMember(member % 4) for member in range(12)])
    probabilities, predictions = out_of_bag(ensemble, bags, 40, seed=0)
    assert probabilities.shape == (40, 4)
    assert probabilities.sum(1) == pytest.approx(1)
    assert set(predictions.tolist()) <= {0, 1, 2, 3}
    held_out = np.stack([bag.held_out for bag in bags])
    possible = {
        tuple(np.bincount(np.flatnonzero(column) % 4, minlength=4) / column.sum())
        for column in held_out.T
        if column.any()
    }
    assert {tuple(row) for row in probabilities.round(6)} <= {tuple(np.round(row, 6)) for row in possible}


class MemorisingMember(nn.Module):
    """Knows the labels of the remixes of some singers and predicts male for all others."""

    def __init__(self, bag: Bag) -> None:
        super().__init__()
        self.remixes, self.singers = bag.remixes, {"", *bag.singers}

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        rows = features[:, 0, 0, 0].int().tolist()
        known = [self.singers.issuperset(self.remixes.singers[row]) for row in rows]
        predictions = [
            int(self.remixes.labels[row]) if is_known else 1 for row, is_known in zip(rows, known, strict=True)
        ]
        return nn.functional.one_hot(torch.tensor(predictions), 4).float()


def test_leak_of_memorising_members() -> None:
    bags = [Bag(make_remixes(), STRATA, 0, member) for member in range(3)]
    ensemble = Ensemble([MemorisingMember(bag) for bag in bags])
    accuracies = split_leakage(ensemble, bags, 200, seed=0)
    assert accuracies["random"] == pytest.approx(1)
    assert accuracies["grouped"] == pytest.approx(1 / 3)
