"""Small networks for images of speech [b, channels, rows, frames] of any length."""

from __future__ import annotations

import numpy as np
import torch
from scipy.fft import dct
from torch import Tensor, nn


class SmallCNN(nn.Module):
    """System C's own network, LeNet; identical to it (61,326 parameters) for images of 3 x 32 x 32.

    Larger images are averaged to the 5 x 5 positions that its dense layers expect.

    Args:
        channels: input channels.
        classes: number of logits.
    """

    def __init__(self, channels: int = 3, classes: int = 2) -> None:
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(channels, 6, 5),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(6, 16, 5),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.AdaptiveAvgPool2d(5),
        )
        self.classifier = nn.Sequential(
            nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, classes)
        )

    def forward(self, images: Tensor) -> Tensor:
        """Images [b, channels, rows, frames] to logits [b, classes]."""
        return self.classifier(self.features(images).flatten(1))


class LargerCNN(nn.Module):
    """Five blocks of two convolutions with batch normalisation, the first at half the resolution, then global pooling.

    Args:
        channels: input channels.
        width: channels of the first block; the following have 2, 3, 4 and 4 times as many.
        classes: number of logits.
        dropout: share of the pooled features dropped in training.
    """

    def __init__(self, channels: int = 1, width: int = 16, classes: int = 2, dropout: float = 0.3) -> None:
        super().__init__()
        blocks, inputs = [], channels
        for outputs in (width, 2 * width, 3 * width, 4 * width, 4 * width):
            first = _convolution(inputs, outputs, stride=2 if inputs == channels else 1)
            blocks += [first, _convolution(outputs, outputs), nn.MaxPool2d(2, ceil_mode=True)]
            inputs = outputs
        self.features = nn.Sequential(*blocks)
        self.classifier = nn.Sequential(nn.Dropout(dropout), nn.Linear(inputs, classes))

    def forward(self, images: Tensor) -> Tensor:
        """Images [b, channels, rows, frames] to logits [b, classes]."""
        return self.classifier(self.features(images).mean((2, 3)))


class CepstralCNN(nn.Module):
    """Four blocks of two convolutions with batch normalisation, at full resolution first: MFCC images are small.

    Args:
        width: channels of the first block; the others have 2, 3 and 4 times as many.
        classes: number of logits.
        dropout: share of the pooled features dropped in training.
    """

    def __init__(self, width: int = 16, classes: int = 2, dropout: float = 0.3) -> None:
        super().__init__()
        blocks, inputs = [], 1
        for outputs, pool in zip(
            (width, 2 * width, 3 * width, 4 * width), ((1, 2), (2, 2), (2, 2), (1, 2)), strict=True
        ):
            convolutions = _convolution(inputs, outputs), _convolution(outputs, outputs)
            blocks.append(nn.Sequential(*convolutions, nn.MaxPool2d(pool, ceil_mode=True)))
            inputs = outputs
        self.features = nn.Sequential(*blocks)
        self.classifier = nn.Sequential(nn.Dropout(dropout), nn.Linear(inputs, classes))

    @property
    def head(self) -> nn.Linear:
        """The last layer."""
        return self.classifier[1]  # type: ignore[return-value]

    def forward(self, images: Tensor) -> Tensor:
        """Images [b, 1, rows, frames] to logits [b, classes]."""
        return self.classifier(self.features(images).mean((2, 3)))


class TimeDelay(nn.Module):
    """A small x-vector network (Snyder et al. 2018): convolutions over time, then mean and deviation of the frames.

    Args:
        width: an eighth of the channels of every layer.
        classes: number of logits.
        dropout: share of the pooled features dropped in training.
        rows: number of rows of the image, which are the input channels.
    """

    def __init__(self, width: int = 16, classes: int = 2, dropout: float = 0.3, rows: int = 12) -> None:
        super().__init__()
        channels = 8 * width
        self.features = nn.Sequential(
            _temporal_convolution(rows, channels, 5),
            nn.MaxPool2d((1, 2), ceil_mode=True),
            _temporal_convolution(channels, channels, 3),
            _temporal_convolution(channels, channels, 3, dilation=2),
        )
        self.classifier = nn.Sequential(nn.Dropout(dropout), nn.Linear(2 * channels, classes))

    def forward(self, images: Tensor) -> Tensor:
        """Images [b, 1, rows, frames] to logits [b, classes]."""
        frames = self.features(images.transpose(1, 2)).flatten(2)
        return self.classifier(torch.cat([frames.mean(2), (frames.var(2) + 1e-5).sqrt()], 1))


class CepstralSVM(nn.Module):
    """A linear support vector machine on the mean cepstrum of a log mel image, with Platt's probabilities.

    Args:
        bands: number of rows of the image.
        coefficients: number of cepstral coefficients, including the first.
    """

    basis: Tensor

    def __init__(self, bands: int = 128, coefficients: int = 40) -> None:
        super().__init__()
        basis = dct(np.eye(bands), axis=0, norm="ortho")[:coefficients].T
        self.register_buffer("basis", torch.from_numpy(np.ascontiguousarray(basis)).float(), persistent=False)
        self.decision = nn.Linear(coefficients, 1)

    def cepstrum(self, images: Tensor) -> Tensor:
        """Images [b, 1, bands, frames] to mean cepstra [b, coefficients]."""
        return images[:, 0].mean(2) @ self.basis

    def forward(self, images: Tensor) -> Tensor:
        """Images [b, 1, bands, frames] to the logits of two classes, [b, 2]; their difference is the decision value."""
        decision = self.decision(self.cepstrum(images))
        return torch.cat([-decision / 2, decision / 2], 1)


def _convolution(inputs: int, outputs: int, stride: int = 1) -> nn.Sequential:
    kernels = nn.Conv2d(inputs, outputs, 3, stride=stride, padding=1, bias=False)
    return nn.Sequential(kernels, nn.BatchNorm2d(outputs), nn.ReLU())


def _temporal_convolution(inputs: int, outputs: int, frames: int, dilation: int = 1) -> nn.Sequential:
    padding = (0, dilation * (frames // 2))
    kernels = nn.Conv2d(inputs, outputs, (1, frames), dilation=(1, dilation), padding=padding, bias=False)
    return nn.Sequential(kernels, nn.Sequential(nn.BatchNorm2d(outputs), nn.ReLU()))
