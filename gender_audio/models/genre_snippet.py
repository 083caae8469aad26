"""Networks for the feature stack of one snippet: one convolves over rows and time, one over time alone."""

from __future__ import annotations

from torch import Tensor, nn

DROPOUT = 0.2


class CNN2D(nn.Module):
    """System D's CNN-FCN: four convolutions over rows and frames, two of them dilated, and dense layers.

    At width 64 with one output it has the layers and the 2.16 M parameters of system D.

    Args:
        width: channels of the first convolution; the others have 2, 4 and 4 times as many.
        outputs: number of logits.
        dropout: share of values dropped after every convolution.
    """

    def __init__(self, width: int = 64, outputs: int = 2, dropout: float = DROPOUT) -> None:
        super().__init__()
        self.convolutions = nn.Sequential(
            *_convolution(1, width, dropout, stride=2),
            *_convolution(width, 2 * width, dropout, stride=2, dilation=2),
            nn.AvgPool2d(2),
            *_convolution(2 * width, 4 * width, dropout),
            nn.AvgPool2d(2),
            *_convolution(4 * width, 4 * width, dropout, dilation=2),
            nn.AvgPool2d(2),
        )
        self.dense = nn.Sequential(
            nn.Flatten(),
            nn.Linear(32 * width, 8 * width),
            nn.ReLU(),
            nn.Linear(8 * width, 4 * width),
            nn.BatchNorm1d(4 * width),
            nn.ReLU(),
            nn.Linear(4 * width, width),
            nn.ReLU(),
            nn.Linear(width, outputs),
        )

    def forward(self, stacks: Tensor) -> Tensor:
        """Stacks [b, 160, 216] to logits [b, outputs]."""
        return self.dense(self.convolutions(stacks[:, None]))


class CNN1D(nn.Module):
    """Six convolutions over time and the mean over time, after a variant of system D.

    Args:
        rows: number of rows of the stack.
        widths: channels of the convolutions; time is halved after each.
        outputs: number of logits.
        dropout: share of the averaged features dropped in training.
    """

    def __init__(
        self,
        rows: int = 160,
        widths: tuple[int, ...] = (64, 64, 96, 96, 128, 128),
        outputs: int = 2,
        dropout: float = DROPOUT,
    ) -> None:
        super().__init__()
        layers: list[nn.Module] = [nn.BatchNorm1d(rows)]
        for before, after in zip((rows, *widths), widths, strict=False):
            layers += [nn.Conv1d(before, after, 5, padding=2), nn.BatchNorm1d(after), nn.ReLU(), nn.MaxPool1d(2)]
        self.convolutions = nn.Sequential(*layers)
        self.dense = nn.Sequential(nn.Dropout(dropout), nn.Linear(widths[-1], outputs))

    def forward(self, stacks: Tensor) -> Tensor:
        """Stacks [b, rows, frames] to logits [b, outputs]."""
        return self.dense(self.convolutions(stacks).mean(2))


def _convolution(before: int, after: int, dropout: float, stride: int = 1, dilation: int = 1) -> tuple[nn.Module, ...]:
    convolution = nn.Conv2d(before, after, 3, stride, dilation=dilation)
    return convolution, nn.BatchNorm2d(after), nn.ReLU(), nn.Dropout(dropout)
