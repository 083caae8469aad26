"""The learning-rate finder."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from train.data.balanced import Balanced
from train.finder import Curve, find
from train.recipes import speaker


def test_the_finder_suggests_a_rate_before_the_loss_rises() -> None:
    assert Curve((1e-3, 1e-2, 1e-1), (3.0, 1.0, 2.0)).suggestion == pytest.approx(1e-3)
    labels = np.arange(40) % 2
    data = Balanced((labels,), labels, lambda row, rng: np.array([4.0 * labels[row] - 2], np.float32), 0)
    network = torch.nn.Linear(1, 2)
    before = network.weight.clone()
    schedule = replace(speaker.HEAD, batch=8, half=False)

    def loss(tried: torch.nn.Module, batch: tuple[torch.Tensor, ...]) -> torch.Tensor:
        return torch.nn.functional.cross_entropy(tried(batch[0]), batch[1])

    curve = find(network, data, loss, schedule, 0)
    assert 1e-5 < curve.suggestion < 0.2
    assert torch.equal(network.weight, before)
