"""The event detector of FireRedVAD: a deep feedforward sequential memory network (Zhang et al. 2018).

Source: FireRedTeam/FireRedVAD, Apache-2.0.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

BANDS, HIDDEN, MEMORY, BLOCKS, ORDER = 80, 256, 128, 8, 20
EVENTS = ("speech", "singing", "music")


class Memory(nn.Module):
    """Adds weighted sums of the last `ORDER` frames, with this one, and of the next `ORDER` frames, to each frame."""

    def __init__(self) -> None:
        super().__init__()
        self.lookback = nn.Conv1d(MEMORY, MEMORY, ORDER, groups=MEMORY, bias=False)
        self.lookahead = nn.Conv1d(MEMORY, MEMORY, ORDER, groups=MEMORY, bias=False)

    def forward(self, frames: Tensor) -> Tensor:
        """[b, frames, 128] to the same shape."""
        x = frames.mT
        past = self.lookback(nn.functional.pad(x, (ORDER - 1, 0)))
        future = self.lookahead(nn.functional.pad(x, (0, ORDER)))[..., 1:]
        return (x + past + future).mT


class FireRedVAD(nn.Module):
    """Two dense layers and a memory, repeated with residual connections; 0.6 million parameters.

    `mean` and `deviation` normalise the bands.
    """

    mean: Tensor
    deviation: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(BANDS))
        self.register_buffer("deviation", torch.ones(BANDS))
        self.expand = nn.ModuleList(nn.Linear(BANDS if block == 0 else MEMORY, HIDDEN) for block in range(BLOCKS))
        self.project = nn.ModuleList(nn.Linear(HIDDEN, MEMORY, bias=block == 0) for block in range(BLOCKS))
        self.memory = nn.ModuleList(Memory() for _ in range(BLOCKS))
        self.last = nn.Linear(MEMORY, HIDDEN)
        self.out = nn.Linear(HIDDEN, len(EVENTS))

    def forward(self, bands: Tensor) -> Tensor:
        """Kaldi's filter bank [b, frames, 80] to probabilities of speech, singing and music, [b, frames, 3]."""
        x = (bands - self.mean) / self.deviation
        for block, (expand, project, memory) in enumerate(zip(self.expand, self.project, self.memory, strict=True)):
            hidden = project(expand(x).relu())
            x = memory(hidden.relu()) if block == 0 else memory(hidden) + x
        return self.out(self.last(x).relu()).sigmoid()
