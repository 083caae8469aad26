"""Networks that hear a whole song at once: along its time, or as its means and covariances."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import torch
from torch import Tensor, nn

WIDTHS = (16, 32, 64, 32, 16)
KERNELS = (20, 5, 5, 5, 5)
FRAMES = 112_931  # of system D's longest song, to which it pads all others
LAYERS = (17_088, 5_120, 1_024, 512, 64, 1)


class PaddedCNN(nn.Module):
    """System D's 1D-CNN: five convolutions along time, then dense layers on every place of the padded song.

    It hears how much of the song is padding, so it is here for comparison only; 113 k parameters at one output.

    Args:
        rows: rows of the stack.
        frames: the only length it accepts.
        outputs: logits.
    """

    def __init__(self, rows: int = 160, frames: int = FRAMES, outputs: int = 1) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for (before, after), kernel in zip(pairwise((rows, *WIDTHS)), KERNELS, strict=True):
            layers += [nn.Conv1d(before, after, kernel, padding=1), nn.BatchNorm1d(after), nn.ReLU(), nn.MaxPool1d(5)]
            frames = (frames + 3 - kernel) // 5
        self.convolutions = nn.Sequential(*layers)
        self.dense = nn.Sequential(
            nn.Flatten(), nn.Linear(WIDTHS[-1] * frames, 64), nn.Dropout(0.2), nn.Linear(64, outputs)
        )

    def forward(self, songs: Tensor) -> Tensor:
        """Songs [b, rows, frames], padded with zeros, to logits [b, outputs]."""
        return self.dense(self.convolutions(songs))


class SongCNN(nn.Module):
    """The same five convolutions for songs of any length: padding is masked after each, and time averaged at the end.

    The first is one frame wider, so that it has a middle.

    Args:
        rows: rows of the stack.
        pools: frames that become one after each convolution.
        outputs: logits.
        dropout: share of the averaged features dropped in training.
    """

    def __init__(
        self, rows: int = 160, pools: tuple[int, ...] = (5, 5, 2, 2, 1), outputs: int = 2, dropout: float = 0.2
    ) -> None:
        super().__init__()
        self.pools = pools
        self.convolutions = nn.ModuleList(
            nn.Sequential(nn.Conv1d(before, after, kernel | 1, padding=kernel // 2), nn.BatchNorm1d(after), nn.ReLU())
            for (before, after), kernel in zip(pairwise((rows, *WIDTHS)), KERNELS, strict=True)
        )
        self.dense = nn.Sequential(nn.Linear(WIDTHS[-1], 64), nn.ReLU(), nn.Dropout(dropout), nn.Linear(64, outputs))

    def forward(self, songs: Tensor, lengths: Tensor) -> Tensor:
        """Songs [b, rows, frames] of which `lengths` [b] frames count, to logits [b, outputs]."""
        x = songs * valid_mask(lengths, songs.shape[2])[:, None]
        for convolution, pool in zip(self.convolutions, self.pools, strict=True):
            x = convolution(x) * valid_mask(lengths, x.shape[2])[:, None]
            # What is masked is zero, never above what follows a ReLU, so the highest value is always a heard one.
            x = nn.functional.max_pool1d(x, pool, ceil_mode=True)
            lengths = -(-lengths // pool)
        return self.dense(x.sum(2) / lengths[:, None])


class MLP(nn.Module):
    """System D's FC-FD: dense layers on means and covariances, 93.3 M parameters with its `LAYERS`.

    Args:
        layers: inputs, what lies between, and outputs.
        dropout: share dropped after every layer but the last.
    """

    def __init__(self, layers: tuple[int, ...] = LAYERS, dropout: float = 0.2) -> None:
        super().__init__()
        modules: list[nn.Module] = []
        for before, after in pairwise(layers):
            modules += [nn.Linear(before, after), nn.ReLU(), nn.Dropout(dropout)]
        self.layers = nn.Sequential(*modules[:-2])

    def forward(self, statistics: Tensor) -> Tensor:
        """Statistics [b, inputs] to logits [b, outputs]."""
        return self.layers(statistics)


class RBFSVM(nn.Module):
    """A support vector machine with Gaussian kernel on standardised values, as the numbers that it consists of.

    Args:
        inputs: values of a song.
        vectors: support vectors.
        gamma: how fast their say falls with the squared distance.
    """

    mean: Tensor
    scale: Tensor
    vectors: Tensor
    weights: Tensor
    bias: Tensor

    def __init__(self, inputs: int, vectors: int, gamma: float) -> None:
        super().__init__()
        self.gamma = gamma
        self.register_buffer("mean", torch.zeros(inputs))
        self.register_buffer("scale", torch.ones(inputs))
        self.register_buffer("vectors", torch.zeros(vectors, inputs))
        self.register_buffer("weights", torch.zeros(vectors))
        self.register_buffer("bias", torch.zeros(1))

    @property
    def arguments(self) -> dict[str, Any]:
        """What a network of the same size is made with."""
        return {"inputs": self.vectors.shape[1], "vectors": len(self.vectors), "gamma": self.gamma}

    def forward(self, songs: Tensor) -> Tensor:
        """Values of songs [b, inputs] to logits [b, 2]: less and plus the signed distance from the border."""
        distance = torch.cdist((songs - self.mean) / self.scale, self.vectors).square()
        side = torch.exp(-self.gamma * distance) @ self.weights + self.bias
        return torch.stack([-side, side], 1)


def valid_mask(lengths: Tensor, size: int) -> Tensor:
    """bool [b, size], true in the first `lengths` [b] places of each row."""
    return torch.arange(size, device=lengths.device) < lengths[:, None]
