"""Augmentation of feature batches: what keeps the label true and costs next to nothing."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Masks:
    """SpecAugment (Park et al. 2019) and a random smooth filter, on features [b, channels, frames, bands] in -2..2.

    Attributes:
        bands, frames: the widest mask along each axis; masked values become -2 (inaudible).
        filter: standard deviation of the filter's five gains, in units of the feature (1 is 20 dB).
    """

    bands: int = 3
    frames: int = 15
    filter: float = 0.1

    def __call__(self, features: Tensor) -> Tensor:
        """A new batch of the same shape; every snippet gets a filter, one band mask and one frame mask."""
        batch, _, frames, bands = features.shape
        gains = torch.randn(batch, 1, 5) * self.filter
        curve = torch.nn.functional.interpolate(gains, bands, mode="linear", align_corners=True)
        audible = features > -2
        coloured = torch.where(audible, (features + curve[:, :, None]).clamp(min=-2), features)
        hidden = mask(batch, bands, self.bands)[:, None, None, :] | mask(batch, frames, self.frames)[:, None, :, None]
        return torch.where(hidden, -2.0, coloured)


def mask(batch: int, length: int, widest: int) -> Tensor:
    """bool [batch, length], true in one run per row of 0 to `widest` places."""
    width = torch.randint(0, widest + 1, (batch, 1))
    start = (torch.rand(batch, 1) * (length - width + 1)).long()
    place = torch.arange(length)
    return (place >= start) & (place < start + width)
