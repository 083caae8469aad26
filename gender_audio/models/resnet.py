"""ResNet-34 for one or two spectrogram channels, with the width of its first stage as a parameter."""

from __future__ import annotations

from torch import Tensor, nn
from torchvision.models.resnet import BasicBlock

BLOCKS = (3, 4, 6, 3)


class ResNet34(nn.Module):
    """System A's network: ResNet-34 with random initial weights and dropout before the last layer.

    At width 64 it has the layers and names of torchvision's network, and 21.28 M parameters with one channel. The
    shipped members have width 16 (1.33 M parameters), so that twenty of them fit a repository and a free host.

    Args:
        channels: input channels.
        width: channels of the first stage; the four stages have 1, 2, 4 and 8 times as many.
        classes: number of logits.
        dropout: share of the pooled features dropped in training.
        blocks: number of blocks of each stage; (2, 2, 2, 2) is a ResNet-18.
    """

    def __init__(
        self,
        channels: int = 1,
        width: int = 16,
        classes: int = 4,
        dropout: float = 0.2,
        blocks: tuple[int, int, int, int] = BLOCKS,
    ) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels, width, 7, stride=2, padding=3, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.relu = nn.ReLU(inplace=True)
        self.maxpool = nn.MaxPool2d(3, stride=2, padding=1)
        inputs = width
        for number, count in enumerate(blocks):
            outputs = width * 2**number
            stage = [_block(inputs, outputs, 1 if number == 0 else 2)]
            stage += [BasicBlock(outputs, outputs) for _ in range(count - 1)]
            self.add_module(f"layer{number + 1}", nn.Sequential(*stage))
            inputs = outputs
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Sequential(nn.Dropout(dropout), nn.Linear(inputs, classes))
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")

    def forward(self, features: Tensor) -> Tensor:
        """Features [b, channels, frames, bands] to logits [b, classes]."""
        x = self.maxpool(self.relu(self.bn1(self.conv1(features))))
        for number in range(len(BLOCKS)):
            x = self.get_submodule(f"layer{number + 1}")(x)
        return self.fc(self.avgpool(x).flatten(1))


def _block(inputs: int, outputs: int, stride: int) -> BasicBlock:
    if stride == 1 and inputs == outputs:
        return BasicBlock(inputs, outputs)
    shortcut = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride=stride, bias=False), nn.BatchNorm2d(outputs))
    return BasicBlock(inputs, outputs, stride, shortcut)
