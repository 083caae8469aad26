"""EfficientAT: a MobileNetV3 for AudioSet (Schmid et al. 2023, "Efficient large-scale audio tagging via
transformer-to-CNN knowledge distillation").
"""

from __future__ import annotations

from functools import partial

from torch import Tensor, nn
from torchvision.models.mobilenetv3 import InvertedResidual, MobileNetV3, _mobilenet_v3_conf
from torchvision.ops.misc import SqueezeExcitation

CLASSES = 527
WIDTH = 0.4


class EfficientAT(nn.Module):
    """MobileNetV3 large at width 0.4 with one input channel; one million parameters.

    It differs from torchvision's network for images in the sigmoid of its squeeze-and-excitation layers.
    """

    def __init__(self) -> None:
        super().__init__()
        settings, last_channel = _mobilenet_v3_conf("mobilenet_v3_large", width_mult=WIDTH)
        excitation = partial(SqueezeExcitation, scale_activation=nn.Sigmoid)
        network = MobileNetV3(
            settings,
            last_channel,
            CLASSES,
            block=partial(InvertedResidual, se_layer=excitation),
            norm_layer=partial(nn.BatchNorm2d, eps=1e-3),
        )
        network.features[0][0] = nn.Conv2d(1, settings[0].input_channels, 3, stride=2, padding=1, bias=False)
        self.network = network

    def forward(self, bands: Tensor) -> Tensor:
        """Mel bands [b, 128, frames] to logits of the classes of AudioSet, [b, 527]."""
        logits: Tensor = self.network(bands[:, None])
        return logits
