"""Augmentation of feature batches: what keeps the label true and costs next to nothing."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class SpecAugment:
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
        device = features.device
        gains = torch.randn(batch, 1, 5, device=device) * self.filter
        curve = torch.nn.functional.interpolate(gains, bands, mode="linear", align_corners=True)
        audible = features > -2
        coloured = torch.where(audible, (features + curve[:, :, None]).clamp(min=-2), features)
        high, late = mask(batch, bands, self.bands, device), mask(batch, frames, self.frames, device)
        return torch.where(high[:, None, None, :] | late[:, None, :, None], -2.0, coloured)


def mask(batch: int, length: int, widest: int, device: torch.device | None = None) -> Tensor:
    """bool [batch, length], true in one run per row of 0 to `widest` places."""
    width = torch.randint(0, widest + 1, (batch, 1), device=device)
    start = (torch.rand(batch, 1, device=device) * (length - width + 1)).long()
    place = torch.arange(length, device=device)
    return (place >= start) & (place < start + width)


@dataclass(frozen=True)
class CepstralAugment:
    """What may happen to cepstral images [b, 1, coefficients, frames] without changing whose voice they sound like.

    Attributes:
        shift: the most frames that an image moves by; what enters is silence, zeros.
        gain, offset: standard deviations of a factor (logarithmic) and of a constant per coefficient: another channel
            adds a constant to a cepstrum. Zeros of clipped images stay zeros.
        coefficients, frames: the widest mask along each axis.
        clipped: the images hold no negative values, and none may appear.
    """

    shift: int = 15
    gain: float = 0.1
    offset: float = 0.1
    coefficients: int = 2
    frames: int = 15
    clipped: bool = True

    def __call__(self, images: Tensor) -> Tensor:
        """A new batch of the same shape."""
        batch, _, coefficients, frames = images.shape
        device = images.device
        gains = torch.exp(torch.randn(batch, 1, coefficients, 1, device=device) * self.gain)
        offsets = torch.randn(batch, 1, coefficients, 1, device=device) * self.offset
        changed = images * gains + offsets
        if self.clipped:
            changed = torch.where(images > 0, changed.clamp(min=0), images)
        high, late = mask(batch, coefficients, self.coefficients, device), mask(batch, frames, self.frames, device)
        return shift(changed.masked_fill(high[:, None, :, None] | late[:, None, None, :], 0.0), self.shift)


def shift(images: Tensor, most: int) -> Tensor:
    """Images [b, ..., frames] moved in time by up to `most` frames either way, each by its own; zeros enter."""
    frames = images.shape[-1]
    moves = torch.randint(-most, most + 1, (len(images), *[1] * (images.dim() - 2), 1), device=images.device)
    places = torch.arange(frames, device=images.device) - moves
    taken = images.gather(-1, places.clamp(0, frames - 1).expand_as(images))
    return torch.where((places >= 0) & (places < frames), taken, 0.0)


def mixup(images: Tensor, targets: Tensor, alpha: float) -> tuple[Tensor, Tensor]:
    """Every image and its target [b, k] with a share of another one's (Zhang et al. 2018); `alpha` 0 leaves them."""
    if alpha == 0:
        return images, targets
    share = torch.distributions.Beta(alpha, alpha).sample((len(images),)).to(images.device)
    other = torch.randperm(len(images), device=images.device)
    across = share.view(-1, *[1] * (images.dim() - 1))
    along = share[:, None]
    return across * images + (1 - across) * images[other], along * targets + (1 - along) * targets[other]


def noise(images: Tensor, quietest: float = -2.0, loudest: float = 0.5) -> Tensor:
    """Log mel images [b, 1, bands, frames] in -2..2 over a steady noise of random level and smooth colour.

    A unit is 20 dB. Every second image stays as it is; the others have a noise floor from inaudible up to 30 dB below
    the loudest sound, and stay within -2..2.
    """
    batch, _, bands, _ = images.shape
    device = images.device
    level = quietest + torch.rand(batch, 1, 1, 1, device=device) * (loudest - quietest)
    gains = torch.randn(batch, 1, 5, device=device) * 0.3
    colour = torch.nn.functional.interpolate(gains, bands, mode="linear", align_corners=True)
    floor = level + colour[:, :, :, None] + 0.25 * torch.randn_like(images)
    power = torch.log10(10 ** (2 * images) + 10 ** (2 * floor)) / 2
    return torch.where(torch.rand(batch, 1, 1, 1, device=device) < 0.5, images, power.clamp(-2, 2))


@dataclass(frozen=True)
class StackSpecAugment:
    """SpecAugment on stacks [b, rows, frames]: what is hidden becomes 0, the middle of the range.

    Attributes:
        rows, frames: the widest hole along each axis; every stack gets two of each.
    """

    rows: int = 20
    frames: int = 30

    def __call__(self, stacks: Tensor) -> Tensor:
        """A new batch of the same shape."""
        batch, rows, frames = stacks.shape
        device = stacks.device
        hidden = torch.zeros(batch, rows, frames, dtype=torch.bool, device=device)
        for _ in range(2):
            high, late = mask(batch, rows, self.rows, device), mask(batch, frames, self.frames, device)
            hidden |= high[:, :, None] | late[:, None, :]
        return stacks.masked_fill(hidden, 0.0)
