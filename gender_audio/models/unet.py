"""A compact mask network on a complex spectrogram: U-Net with dense layers over frequency."""

from __future__ import annotations

import torch
from torch import Tensor, nn


def convolution(inputs: int, outputs: int) -> nn.Sequential:
    """3 x 3 convolution, batch norm, ReLU; shape [b, inputs, f, t] to [b, outputs, f, t]."""
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, 3, padding=1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU(inplace=True)
    )


class Block(nn.Module):
    """Two convolutions, then a residual bottleneck over the whole frequency axis (TFC-TDF, Choi et al. 2020)."""

    def __init__(self, inputs: int, outputs: int, bins: int) -> None:
        super().__init__()
        self.local = nn.Sequential(convolution(inputs, outputs), convolution(outputs, outputs))
        self.squeeze = nn.Linear(bins, bins // 4)
        self.expand = nn.Linear(bins // 4, bins)

    def forward(self, x: Tensor) -> Tensor:
        """Shape [b, inputs, f, t] to [b, outputs, f, t]."""
        x = self.local(x)
        across = self.expand(torch.relu(self.squeeze(x.transpose(2, 3))))
        return x + torch.relu(across).transpose(2, 3)


class MaskNet(nn.Module):
    """Predicts a complex mask of the voice for every bin of a spectrogram.

    Args:
        bins: number of frequency bins of the mask; divisible by 32 (the caller handles the Nyquist bin).
        channels: channels of the four levels, from the finest to the coarsest.
        hidden: units of the recurrent layer at the bottom, per direction.
    """

    def __init__(self, bins: int = 768, channels: tuple[int, ...] = (32, 48, 64, 96), hidden: int = 96) -> None:
        super().__init__()
        first, *rest = channels
        self.enter = nn.Sequential(
            nn.Conv2d(3, first, (8, 3), stride=(4, 1), padding=(2, 1), bias=False), nn.BatchNorm2d(first)
        )
        sizes = [bins // 4 // 2**level for level in range(len(channels))]
        self.down = nn.ModuleList(
            [Block(a, b, f) for a, b, f in zip([first, *channels[:-1]], channels, sizes, strict=True)]
        )
        self.up = nn.ModuleList([Block(b + a, a, f) for a, b, f in zip(channels[:-1], rest, sizes[:-1], strict=True)])
        deepest = channels[-1] * sizes[-1]
        self.gather = nn.Linear(deepest, 2 * hidden)
        self.memory = nn.GRU(2 * hidden, hidden, batch_first=True, bidirectional=True)
        self.spread = nn.Linear(2 * hidden, deepest)
        self.leave = nn.ConvTranspose2d(first, 16, (8, 3), stride=(4, 1), padding=(2, 1))
        self.mask = nn.Conv2d(16 + 3, 2, 3, padding=1)

    def forward(self, spectrum: Tensor) -> Tensor:
        """Spectrogram (complex [b, bins, t], any level) to complex mask [b, bins, t]: real 0..1, imaginary -1..1."""
        inputs = input_channels(spectrum)
        x = self.enter(inputs)
        skips = []
        for number, block in enumerate(self.down):
            if number:
                skips.append(x)
                x = nn.functional.avg_pool2d(x, 2, ceil_mode=True)
            x = block(x)
        x = x + self._recurrent(x)
        for block in reversed(self.up):
            skip = skips.pop()
            x = nn.functional.interpolate(x, size=skip.shape[-2:], mode="nearest")
            x = block(torch.cat([x, skip], 1))
        real, imaginary = self.mask(torch.cat([torch.relu(self.leave(x)), inputs], 1)).float().unbind(1)
        return torch.complex(torch.sigmoid(real), torch.tanh(imaginary))

    def _recurrent(self, x: Tensor) -> Tensor:
        batch, channels, bins, frames = x.shape
        sequence = self.gather(x.permute(0, 3, 1, 2).reshape(batch, frames, channels * bins))
        spread = self.spread(self.memory(sequence)[0])
        return spread.view(batch, frames, channels, bins).permute(0, 2, 3, 1)


def input_channels(spectrum: Tensor) -> Tensor:
    """Spectrogram (complex [b, bins, t]) to log magnitude (1 is 20 dB) and compressed parts, [b, 3, bins, t]."""
    magnitude = spectrum.abs()
    level = magnitude.square().mean((1, 2), keepdim=True).sqrt() + 1e-8
    relative = magnitude / level
    compressed = spectrum / level * (relative + 1e-3) ** -0.7
    return torch.stack([torch.log10(relative + 1e-3), compressed.real, compressed.imag], 1)
