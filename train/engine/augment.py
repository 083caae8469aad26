"""Augmentation of feature batches that keeps the label and costs little time."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class SpecAugment:
    """SpecAugment (Park et al. 2019) and a random smooth filter, on features [b, channels, frames, bands] in -2..2.

    Attributes:
        bands, frames: largest width of the mask along each axis; masked values become -2 (inaudible).
        filter: standard deviation of the filter's five gains, in units of the feature (1 is 20 dB).
    """

    bands: int = 3
    frames: int = 15
    filter: float = 0.1

    def __call__(self, features: Tensor) -> Tensor:
        """A new batch of the same shape; every snippet gets one filter, one band mask and one frame mask."""
        batch, _, frames, bands = features.shape
        device = features.device
        gains = torch.randn(batch, 1, 5, device=device) * self.filter
        curve = torch.nn.functional.interpolate(gains, bands, mode="linear", align_corners=True)
        audible = features > -2
        filtered = torch.where(audible, (features + curve[:, :, None]).clamp(min=-2), features)
        high, late = mask(batch, bands, self.bands, device), mask(batch, frames, self.frames, device)
        return torch.where(high[:, None, None, :] | late[:, None, :, None], -2.0, filtered)


def mask(batch: int, length: int, widest: int, device: torch.device | None = None) -> Tensor:
    """bool [batch, length]; in each row, one run of 0 to `widest` places is true."""
    width = torch.randint(0, widest + 1, (batch, 1), device=device)
    start = (torch.rand(batch, 1, device=device) * (length - width + 1)).long()
    place = torch.arange(length, device=device)
    return (place >= start) & (place < start + width)


@dataclass(frozen=True)
class CepstralAugment:
    """Augmentation of cepstral images [b, 1, coefficients, frames]: gain, offset, masks and a shift in time.

    Attributes:
        shift: largest shift in frames; zeros (silence) move in.
        gain, offset: standard deviations of a logarithmic factor and of a constant per coefficient; another microphone
            adds a constant to a cepstrum. Zeros of clipped images stay zeros.
        coefficients, frames: largest width of the mask along each axis.
        clipped: whether the images have no negative values; the result then has none either.
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
    """Images [b, ..., frames], each shifted in time by up to `most` frames in either direction; zeros move in."""
    frames = images.shape[-1]
    moves = torch.randint(-most, most + 1, (len(images), *[1] * (images.dim() - 2), 1), device=images.device)
    places = torch.arange(frames, device=images.device) - moves
    taken = images.gather(-1, places.clamp(0, frames - 1).expand_as(images))
    return torch.where((places >= 0) & (places < frames), taken, 0.0)


def mixup(images: Tensor, targets: Tensor, alpha: float) -> tuple[Tensor, Tensor]:
    """Images and targets [b, k], each mixed with another one (Zhang et al. 2018); `alpha` 0 changes nothing."""
    if alpha == 0:
        return images, targets
    share = torch.distributions.Beta(alpha, alpha).sample((len(images),)).to(images.device)
    other = torch.randperm(len(images), device=images.device)
    across = share.view(-1, *[1] * (images.dim() - 1))
    along = share[:, None]
    return across * images + (1 - across) * images[other], along * targets + (1 - along) * targets[other]


def noise(images: Tensor, quietest: float = -2.0, loudest: float = 0.5) -> Tensor:
    """Add steady noise of random level and smooth random spectrum to log mel images [b, 1, bands, frames] in -2..2.

    A unit is 20 dB. Half of the images stay unchanged; the others get a noise floor between inaudible and 30 dB below
    the loudest sound, and stay within -2..2.
    """
    batch, _, bands, _ = images.shape
    device = images.device
    level = quietest + torch.rand(batch, 1, 1, 1, device=device) * (loudest - quietest)
    gains = torch.randn(batch, 1, 5, device=device) * 0.3
    spectrum = torch.nn.functional.interpolate(gains, bands, mode="linear", align_corners=True)
    floor = level + spectrum[:, :, :, None] + 0.25 * torch.randn_like(images)
    power = torch.log10(10 ** (2 * images) + 10 ** (2 * floor)) / 2
    return torch.where(torch.rand(batch, 1, 1, 1, device=device) < 0.5, images, power.clamp(-2, 2))


@dataclass(frozen=True)
class StackSpecAugment:
    """SpecAugment on stacks [b, rows, frames]: masked values become 0, the middle of the range.

    Attributes:
        rows, frames: largest width of the masks along each axis; every stack gets two of each.
    """

    rows: int = 20
    frames: int = 30

    def __call__(self, stacks: Tensor) -> Tensor:
        """A new batch of the same shape."""
        batch, rows, frames = stacks.shape
        device = stacks.device
        masked = torch.zeros(batch, rows, frames, dtype=torch.bool, device=device)
        for _ in range(2):
            high, late = mask(batch, rows, self.rows, device), mask(batch, frames, self.frames, device)
            masked |= high[:, :, None] | late[:, None, :]
        return stacks.masked_fill(masked, 0.0)
