"""Models of a whole song: convolutions over time, or its means and covariances."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import torch
from torch import Tensor, nn

WIDTHS = (16, 32, 64, 32, 16)
KERNELS = (20, 5, 5, 5, 5)
FRAMES = 112_931
"""Length of system D's longest song, to which it pads all others."""
LAYERS = (17_088, 5_120, 1_024, 512, 64, 1)


class PaddedCNN(nn.Module):
    """System D's 1D-CNN: five convolutions over time, then dense layers on all positions of the padded song.

    Its prediction depends on the amount of padding, so it serves only for comparison. 113 k parameters with one output.

    Args:
        rows: number of rows of the stack.
        frames: the only length it accepts.
        outputs: number of logits.
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
    """The same five convolutions for songs of any length, with the mean over time at the end.

    Padding is masked after each convolution. The first kernel is one frame wider, so that its length is odd.

    Args:
        rows: number of rows of the stack.
        pools: size of the max pooling after each convolution.
        outputs: number of logits.
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
        """Songs [b, rows, frames], of which the first `lengths` [b] frames are valid, to logits [b, outputs]."""
        x = songs * valid_mask(lengths, songs.shape[2])[:, None]
        for convolution, pool in zip(self.convolutions, self.pools, strict=True):
            x = convolution(x) * valid_mask(lengths, x.shape[2])[:, None]
            # Masked values are 0 and follow a ReLU, so they never exceed a valid value.
            x = nn.functional.max_pool1d(x, pool, ceil_mode=True)
            lengths = -(-lengths // pool)
        return self.dense(x.sum(2) / lengths[:, None])


class MLP(nn.Module):
    """System D's FC-FD: dense layers on means and covariances; 93.3 M parameters with `LAYERS`.

    Args:
        layers: sizes of the input, the hidden layers and the output.
        dropout: share of values dropped after every layer but the last.
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
    """A support vector machine with a Gaussian kernel on standardised values.

    Args:
        inputs: number of values of a song.
        vectors: number of support vectors.
        gamma: factor of the squared distance in the kernel.
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
        """Constructor arguments of a machine of the same size."""
        return {"inputs": self.vectors.shape[1], "vectors": len(self.vectors), "gamma": self.gamma}

    def forward(self, songs: Tensor) -> Tensor:
        """Values of songs [b, inputs] to logits [b, 2]: the negative and the positive decision value."""
        squared_distance = torch.cdist((songs - self.mean) / self.scale, self.vectors).square()
        decision = torch.exp(-self.gamma * squared_distance) @ self.weights + self.bias
        return torch.stack([-decision, decision], 1)


def valid_mask(lengths: Tensor, size: int) -> Tensor:
    """bool [b, size], true at the first `lengths` [b] positions of each row."""
    return torch.arange(size, device=lengths.device) < lengths[:, None]
