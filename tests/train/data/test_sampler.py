"""Balanced sampling over several levels."""

from __future__ import annotations

import numpy as np
import pytest

from train.data.sampler import BalancedSampler


def test_balanced_sampler_is_even_over_every_level() -> None:
    labels = np.array([0] * 97 + [1] * 3)
    drawn = BalancedSampler((labels, np.arange(100) % 97), labels, lambda row, rng: np.array([row], np.float32), seed=0)
    rows = np.array([int(drawn[number][0]) for number in range(3000)])
    assert (rows >= 97).mean() == pytest.approx(0.5, abs=0.04)
    assert np.bincount(rows, minlength=100)[97:].min() > 400
    assert [int(drawn[7][0])] * 3 == [int(drawn[7][0]) for _ in range(3)]
