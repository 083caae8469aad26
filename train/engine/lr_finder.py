"""The learning-rate finder: a short run at rising rates suggests a rate for training (Smith 2017).

`python -m train --find-rate COMMAND` runs it before every new training, in all processes of the command.
"""

from __future__ import annotations

import copy
import csv
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils.data import Dataset

from train.engine import hardware
from train.engine.schedule import Schedule
from train.engine.types import Loss

VARIABLE = "GENDER_AUDIO_FIND_RATE"
"""Environment variable that turns the finder on where it is not empty; child processes inherit it."""
LOWEST, HIGHEST = 1e-5, 1.0
SMOOTHING = 0.9
DIVERGED = 3.0
"""The run stops where the loss is this many times its lowest value."""


@dataclass(frozen=True)
class Curve:
    """Learning rates and the smoothed losses there, [n] each."""

    rates: tuple[float, ...]
    losses: tuple[float, ...]

    @property
    def suggestion(self) -> float:
        """A tenth of the rate with the lowest loss: fast, but still stable."""
        return self.rates[int(np.argmin(self.losses))] / 10


def range_test(
    network: nn.Module, data: Dataset[tuple[Tensor, ...]], loss: Loss, schedule: Schedule, seed: int, steps: int = 80
) -> Curve:
    """Try learning rates from 1e-5 to 1 on a copy of the network, one batch each, on the device that trains it."""
    device = hardware.training_device()
    copied = copy.deepcopy(network).train().to(device)
    trainable = [parameter for parameter in copied.parameters() if parameter.requires_grad]
    optimizer = torch.optim.AdamW(trainable, LOWEST, weight_decay=schedule.decay)
    rates, losses, mean = [], [], 0.0
    torch.manual_seed(seed)
    for step, rate in enumerate(np.geomspace(LOWEST, HIGHEST, steps).tolist()):
        samples = [data[step * schedule.batch + place] for place in range(schedule.batch)]
        batch = tuple(torch.stack(part).to(device) for part in zip(*samples, strict=True))
        with torch.autocast(device.type, torch.bfloat16, enabled=schedule.precision == "bf16-mixed"):
            value = loss(copied, batch)
        mean = SMOOTHING * mean + (1 - SMOOTHING) * value.item()
        rates.append(rate)
        losses.append(mean / (1 - SMOOTHING ** (step + 1)))
        if not np.isfinite(losses[-1]) or losses[-1] > DIVERGED * min(losses):
            break
        optimizer.param_groups[0]["lr"] = rate
        optimizer.zero_grad()
        value.backward()
        optimizer.step()
    finite = [number for number, value in enumerate(losses) if np.isfinite(value)]
    return Curve(tuple(rates[number] for number in finite), tuple(losses[number] for number in finite))


def report_suggestion(
    network: nn.Module, data: Dataset[tuple[Tensor, ...]], loss: Loss, schedule: Schedule, run: Path, seed: int
) -> None:
    """If the finder is on, print the rate that it suggests for a run and write its curve to `run/rates.csv`."""
    if not os.environ.get(VARIABLE):
        return
    curve, path = range_test(network, data, loss, schedule, seed), run / "rates.csv"
    run.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf8") as file:
        csv.writer(file).writerows([("rate", "loss"), *zip(curve.rates, curve.losses, strict=True)])
    print(f"The finder suggests a rate of {curve.suggestion:.1e}; the recipe has {schedule.rate:.1e}. See {path}.")
