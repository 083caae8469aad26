"""Masks and filters on features."""

from __future__ import annotations

import torch

from train.augment import Masks, mask


def test_masks_stay_within_their_width() -> None:
    torch.manual_seed(0)
    masks = mask(500, 40, 5)
    widths = masks.sum(1)
    assert masks.shape == (500, 40)
    assert set(widths.tolist()) == {0, 1, 2, 3, 4, 5}
    edges = (masks[:, 1:] != masks[:, :-1]).sum(1)
    assert edges.max() <= 2
    assert masks.any(0).all()


def test_masked_values_are_inaudible_and_the_rest_is_filtered() -> None:
    torch.manual_seed(0)
    features = torch.full((8, 2, 299, 40), 0.5)
    after = Masks(bands=5, frames=40, filter=0.1)(features)
    assert after.shape == features.shape
    hidden = after == -2
    assert 0 < hidden.float().mean() < 0.35
    torch.testing.assert_close(after[:, 0], after[:, 1])
    assert (after[~hidden] - 0.5).abs().max() < 1


def test_silence_stays_silence() -> None:
    torch.manual_seed(0)
    assert (Masks()(torch.full((4, 1, 299, 40), -2.0)) == -2).all()
