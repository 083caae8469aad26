"""The smallest possible training: fit a line to points on a line."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import nn
from torch.utils.data import Dataset

from train.engine.fit import fit
from train.engine.schedule import Schedule


class Line(Dataset[tuple[torch.Tensor, ...]]):
    """Samples of y = 2 x."""

    def __getitem__(self, number: int) -> tuple[torch.Tensor, ...]:
        x = torch.tensor([float(number % 7) - 3])
        return x, 2 * x


def squared(network: nn.Module, batch: tuple[torch.Tensor, ...]) -> torch.Tensor:
    return (network(batch[0]) - batch[1]).square().mean()


def score(network: nn.Module) -> dict[str, float]:
    return {"score": -float((network(torch.ones(1)) - 2).abs())}


SHORT = Schedule(samples=400, batch=10, rate=0.4, rounds=4, workers=0, half=False, decay=0.0)


class LineWithDropout(nn.Module):
    """A line with dropout of its input."""

    def __init__(self) -> None:
        super().__init__()
        self.drop = nn.Dropout(0.1)
        self.line = nn.Linear(1, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.line(self.drop(x))


def line(run: Path, schedule: Schedule = SHORT) -> nn.Linear:
    torch.manual_seed(0)
    network = LineWithDropout()
    fit(network, Line(), squared, score, schedule, run, seed=0)
    return network.line
