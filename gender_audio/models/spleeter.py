"""The network of one stem in Spleeter with two stems.

Source: Hennequin et al. 2020, "Spleeter: a fast and efficient music source separation tool with pre-trained models".
It is the U-Net of Jansson et al. 2017, with the paddings, the activations and the epsilon of Deezer's TensorFlow code,
so that Deezer's weights give the same masks.
"""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor, nn

CHANNELS = (2, 16, 32, 64, 128, 256, 512)
"""Channels of the input (left, right) and of every level."""
MULTIPLE = 2 ** (len(CHANNELS) - 1)
"""The numbers of frames and of bins are multiples of this."""


class StemNet(nn.Module):
    """Estimates how loud one stem is in every bin of a stereo spectrogram; 9.8 million parameters."""

    def __init__(self) -> None:
        super().__init__()
        levels = list(pairwise(CHANNELS))
        self.down = nn.ModuleList(nn.Conv2d(inputs, outputs, 5, stride=2) for inputs, outputs in levels)
        self.down_norm = nn.ModuleList(norm(outputs) for _, outputs in levels[:-1])
        outputs = (*CHANNELS[-2:0:-1], 1)
        inputs = (CHANNELS[-1], *(2 * size for size in outputs[:-1]))
        self.up = nn.ModuleList(
            nn.ConvTranspose2d(a, b, 5, stride=2, padding=1) for a, b in zip(inputs, outputs, strict=True)
        )
        self.up_norm = nn.ModuleList(norm(size) for size in outputs)
        self.mask = nn.Conv2d(1, CHANNELS[0], 4, dilation=2, padding=3)

    def forward(self, magnitude: Tensor) -> Tensor:
        """Magnitudes [b, 2, frames, bins] of a mixture to those of the stem; frames and bins are multiples of 64."""
        x, skips = magnitude, []
        for level, convolution in enumerate(self.down):
            if level:
                x = nn.functional.leaky_relu(self.down_norm[level - 1](x), 0.2)
            # TensorFlow's "same" padding of an even size.
            x = convolution(nn.functional.pad(x, (1, 2, 1, 2)))
            skips.append(x)
        for level, convolution in enumerate(self.up):
            x = skips.pop() if not level else torch.cat([skips.pop(), x], 1)
            x = self.up_norm[level](convolution(x)[..., :-1, :-1].relu())
        return self.mask(x).sigmoid() * magnitude


def norm(channels: int) -> nn.BatchNorm2d:
    """Batch normalisation with the epsilon of TensorFlow."""
    return nn.BatchNorm2d(channels, eps=1e-3)
