"""The network that tags music, MSD_musicnn: Pons & Serra 2019, "musicnn: pre-trained convolutional neural networks".

It learnt fifty tags of last.fm (rock, pop, electronic, Progressive rock, ...) from the Million Song Dataset, so what
lies below its tags tells kinds of music apart. Its sister MTT_musicnn learnt from Magnatune's songs: it may not judge
them, or the songs of the test would have been heard before.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

TIMBRE, TIME = 204, 51
BANDS, FRAMES = (38, 67), (128, 64, 32)
MIDDLE, EMBEDDING, TAGS = 64, 200, 50


class Tagger(nn.Module):
    """Filters of timbre and of time side by side, three layers along time with shortcuts, maxima and means; 787 k.

    Layer for layer as published, so that the published weights fit.
    """

    def __init__(self) -> None:
        super().__init__()
        self.norm = norm(1, nn.BatchNorm2d)
        sizes = [*((TIMBRE, 7, bands) for bands in BANDS), *((TIME, frames, 1) for frames in FRAMES)]
        self.filters = nn.ModuleList(Filters(*size) for size in sizes)
        width = sum(outputs for outputs, _, _ in sizes)
        self.middle = nn.ModuleList(TemporalConv(inputs) for inputs in (width, MIDDLE, MIDDLE))
        pooled = 2 * (width + len(self.middle) * MIDDLE)
        self.dense = nn.Sequential(norm(pooled), nn.Linear(pooled, EMBEDDING), nn.ReLU(), norm(EMBEDDING))
        self.tags = nn.Linear(EMBEDDING, TAGS)

    def forward(self, patches: Tensor) -> tuple[Tensor, Tensor]:
        """Patches [b, frames, 96] to embeddings [b, 200] and logits of the tags [b, 50]."""
        x = self.norm(patches[:, None])
        kept = [torch.cat([filters(x) for filters in self.filters], 1)]
        for along in self.middle:
            x = along(kept[-1])
            kept.append(x + kept[-1] if len(kept) > 1 else x)
        every = torch.cat(kept, 1)
        embedding = self.dense(torch.stack([every.amax(2), every.mean(2)], 2).flatten(1))
        return embedding, self.tags(embedding)


class Filters(nn.Module):
    """Filters over frames and bands, of each the highest answer of all bands."""

    def __init__(self, outputs: int, frames: int, bands: int) -> None:
        super().__init__()
        before = (frames - 1) // 2
        self.margins = (0, 0, before, frames - 1 - before)
        self.convolution = nn.Conv2d(1, outputs, (frames, bands))
        self.norm = norm(outputs, nn.BatchNorm2d)

    def forward(self, x: Tensor) -> Tensor:
        """[b, 1, frames, bands] to [b, outputs, frames]."""
        return self.norm(self.convolution(nn.functional.pad(x, self.margins)).relu()).amax(3)


class TemporalConv(nn.Module):
    """A convolution along time."""

    def __init__(self, inputs: int) -> None:
        super().__init__()
        self.convolution = nn.Conv1d(inputs, MIDDLE, 7, padding=3)
        self.norm = norm(MIDDLE)

    def forward(self, x: Tensor) -> Tensor:
        """[b, inputs, frames] to [b, 64, frames]."""
        return self.norm(self.convolution(x).relu())


def norm(size: int, kind: type[nn.BatchNorm1d] | type[nn.BatchNorm2d] = nn.BatchNorm1d) -> nn.Module:
    """Normalisation as TensorFlow has it."""
    return kind(size, eps=1e-3)
