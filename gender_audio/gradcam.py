"""Where in a snippet the evidence lay for what a network says: Grad-CAM (Selvaraju et al. 2017).

A map marks the parts of a feature whose activations raised the score of one label. It says where a network looked, not
what it saw there, and no more sharply than the cells of the layer it is read from.

Captum computes the maps; it brings no packages of its own, where grad-cam would bring 61 MB of OpenCV.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from gender_audio.features.axes import FeatureAxes


@dataclass(frozen=True, eq=False)
class SaliencyMap:
    """The map of one snippet on the grid of its feature.

    Attributes:
        image: what the networks heard, float32 [rows, frames], the lowest row first.
        map: how strong the evidence is there, float32 [rows, frames] in 0..1.
        grid: what rows and frames stand for.
        lens: what the map was seen through.
    """

    image: np.ndarray
    map: np.ndarray
    grid: FeatureAxes
    lens: TargetLayer

    @property
    def sharpness(self) -> str:
        """How much each cell covers, in words."""
        stride = self.lens.stride
        return f"each of its cells is {stride * self.grid.hop_s:.2g}\u00a0s long and covers {self.grid.height(stride)}"


@dataclass(frozen=True)
class TargetLayer:
    """The layer of a network that maps are read from.

    Attributes:
        layer: its name.
        stride: rows and columns of the network's input from the middle of one cell to the next. The first cell is
            centred on the first row and column, as it is behind convolutions with padding.
    """

    layer: str
    stride: int


SINGING_TARGET_LAYER = TargetLayer("layer2", stride=8)
"""19 x 10 cells on (149, 80). The last layer would leave 5 x 3, too coarse to tell low from high."""


def mean_saliency(networks: Sequence[nn.Module], image: Tensor, label: int, lens: TargetLayer) -> np.ndarray:
    """The mean map of the networks for one label of one snippet.

    Args:
        networks: in evaluation mode; each counts as much as the others, however large its scores.
        image: what they hear, [channels, height, width].
        label: index of the output to explain.

    Returns:
        float32 [height, width]; 1 where the evidence of every network is strongest, 0 where there is none.
    """
    mean = grad_cam(networks, image[None], label, lens).mean(0)[0]
    return upsample(mean, (image.shape[1], image.shape[2]), lens)


def grad_cam(networks: Sequence[nn.Module], images: Tensor, label: int, lens: TargetLayer) -> np.ndarray:
    """Maps of n images [n, channels, height, width] as the layer has them.

    Returns:
        float32 [networks, n, rows, columns]; each map's highest value is 1, or 0 where nothing speaks for the label.
    """
    from captum.attr import LayerGradCam

    maps = []
    for network in networks:
        camera = LayerGradCam(network, network.get_submodule(lens.layer))
        found = camera.attribute(images, target=label, relu_attributions=True).detach()[:, 0]
        highest = found.amax((1, 2), keepdim=True)
        maps.append(torch.where(highest > 0, found / highest, 0))
    return torch.stack(maps).numpy()


def upsample(grad_cam: np.ndarray, shape: tuple[int, int], lens: TargetLayer) -> np.ndarray:
    """Cells [..., rows, columns] on the grid of the input [..., height, width], by lines between their middles."""
    down, across = (_between(count, size, lens) for count, size in zip(grad_cam.shape[-2:], shape, strict=True))
    return down.T @ grad_cam @ across


def _between(count: int, size: int, lens: TargetLayer) -> np.ndarray:
    """How much of each cell every input position gets, float32 [count, size]."""
    middles = lens.stride * np.arange(count)
    lines = [np.interp(np.arange(size), middles, alone) for alone in np.eye(count)]
    return np.array(lines, np.float32)
