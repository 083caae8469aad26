"""Saliency maps: the parts of a snippet that raised the score of a label, by Grad-CAM (Selvaraju et al. 2017).

A map shows where a network found evidence, but not what it recognised there. Its resolution is that of the layer that
it is read from.

Captum computes the maps: it needs no other package, while grad-cam needs OpenCV (61 MB).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from gender_audio.features.axes import FeatureAxes


@dataclass(frozen=True)
class TargetLayer:
    """The layer of a network that maps are read from.

    Attributes:
        layer: name of the layer.
        stride: distance between the centres of two cells, in rows and columns of the input. The first cell is centred
            on the first row and column, as after padded convolutions.
    """

    layer: str
    stride: int


SINGING_TARGET_LAYER = TargetLayer("layer2", stride=8)
"""19 x 10 cells on (149, 80). The last layer has only 5 x 3 cells, too few to separate low from high frequencies."""


@dataclass(frozen=True, eq=False)
class SaliencyMap:
    """The map of one snippet and the feature that it belongs to.

    Attributes:
        image: the feature, float32 [rows, frames], with the lowest row first.
        map: strength of the evidence, float32 [rows, frames] in 0..1.
        axes: meaning of rows and frames.
        target_layer: the layer that the map was read from.
    """

    image: np.ndarray
    map: np.ndarray
    axes: FeatureAxes
    target_layer: TargetLayer

    @property
    def resolution(self) -> str:
        """The size of one cell, in words."""
        stride = self.target_layer.stride
        return f"each of its cells is {stride * self.axes.hop_s:.2g}\u00a0s long and covers {self.axes.height(stride)}"


def mean_saliency(networks: Sequence[nn.Module], image: Tensor, label: int, target_layer: TargetLayer) -> np.ndarray:
    """The mean map of several networks for one label of one snippet.

    Args:
        networks: networks in evaluation mode; all have the same weight, whatever the scale of their scores.
        image: input of the networks, [channels, height, width].
        label: index of the output to explain.

    Returns:
        float32 [height, width]; 1 where the evidence of every network is strongest, 0 where there is none.
    """
    mean = grad_cam(networks, image[None], label, target_layer).mean(0)[0]
    return upsample(mean, (image.shape[1], image.shape[2]), target_layer)


def grad_cam(networks: Sequence[nn.Module], images: Tensor, label: int, target_layer: TargetLayer) -> np.ndarray:
    """Maps of n images [n, channels, height, width] at the resolution of the layer.

    Returns:
        float32 [networks, n, rows, columns]; the maximum of each map is 1, or 0 if there is no evidence for the label.
    """
    from captum.attr import LayerGradCam

    maps = []
    for network in networks:
        attribution = LayerGradCam(network, network.get_submodule(target_layer.layer))
        cells = attribution.attribute(images, target=label, relu_attributions=True).detach()[:, 0]
        maximum = cells.amax((1, 2), keepdim=True)
        maps.append(torch.where(maximum > 0, cells / maximum, 0))
    return torch.stack(maps).numpy()


def upsample(cells: np.ndarray, shape: tuple[int, int], target_layer: TargetLayer) -> np.ndarray:
    """Interpolate cells [..., rows, columns] linearly to the shape of the input, [..., height, width]."""
    rows, columns = (
        _interpolation(count, size, target_layer.stride) for count, size in zip(cells.shape[-2:], shape, strict=True)
    )
    return rows.T @ cells @ columns


def _interpolation(count: int, size: int, stride: int) -> np.ndarray:
    """The weight of every cell at every position of the input, float32 [count, size]."""
    centres = stride * np.arange(count)
    weights = [np.interp(np.arange(size), centres, cell) for cell in np.eye(count)]
    return np.array(weights, np.float32)
