"""The music tagger MSD_musicnn: Pons & Serra 2019, "musicnn: pre-trained convolutional neural networks".

It was trained to predict fifty tags of last.fm (rock, pop, electronic, ...) on the Million Song Dataset, so its
embedding separates kinds of music. The variant MTT_musicnn is not used: it was trained on songs of Magnatune, which are
test songs here.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

TIMBRE, TIME = 204, 51
BANDS, FRAMES = (38, 67), (128, 64, 32)
MIDDLE, EMBEDDING, TAGS = 64, 200, 50


class Tagger(nn.Module):
    """Filters over bands and over time, three residual layers over time, max and mean pooling; 787 k parameters.

    The layers are those of the publication, so that its weights can be loaded.
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
        layers = [torch.cat([filters(x) for filters in self.filters], 1)]
        for convolution in self.middle:
            x = convolution(layers[-1])
            layers.append(x + layers[-1] if len(layers) > 1 else x)
        joined = torch.cat(layers, 1)
        embedding = self.dense(torch.stack([joined.amax(2), joined.mean(2)], 2).flatten(1))
        return embedding, self.tags(embedding)


class Filters(nn.Module):
    """Filters over frames and bands, normalised, with max pooling over the bands.

    Training left 496 of the published network's 561 filters at zero. Such a filter responds to every sound alike, so it
    is not convolved: the outputs are the same, in a quarter of the time.
    """

    def __init__(self, outputs: int, frames: int, bands: int) -> None:
        super().__init__()
        before = (frames - 1) // 2
        self.margins = (0, 0, before, frames - 1 - before)
        self.convolution = nn.Conv2d(1, outputs, (frames, bands))
        self.norm = norm(outputs)

    def forward(self, x: Tensor) -> Tensor:
        """[b, 1, frames, bands] to [b, outputs, frames]."""
        (weight, bias), (scale, _) = self.convolution.parameters(), self.norm.parameters()
        used = weight.flatten(1).any(1)
        responses = nn.functional.conv2d(nn.functional.pad(x, self.margins), weight[used], bias[used])
        # A norm with a negative scale turns the lowest response into the highest.
        pooled = torch.where(scale[used, None] < 0, responses.amin(3), responses.amax(3))
        every = bias[:, None].expand(len(x), -1, x.shape[2]).index_copy(1, used.nonzero()[:, 0], pooled)
        return self.norm(every.relu())


class TemporalConv(nn.Module):
    """A convolution over time."""

    def __init__(self, inputs: int) -> None:
        super().__init__()
        self.convolution = nn.Conv1d(inputs, MIDDLE, 7, padding=3)
        self.norm = norm(MIDDLE)

    def forward(self, x: Tensor) -> Tensor:
        """[b, inputs, frames] to [b, 64, frames]."""
        return self.norm(self.convolution(x).relu())


def norm(size: int, kind: type[nn.BatchNorm1d] | type[nn.BatchNorm2d] = nn.BatchNorm1d) -> nn.Module:
    """Batch normalisation with the epsilon of TensorFlow."""
    return kind(size, eps=1e-3)
