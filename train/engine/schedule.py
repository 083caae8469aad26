"""How long a network trains, and its learning rate for every batch."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

import torch
from torch import nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import CosineAnnealingWarmRestarts, LRScheduler, OneCycleLR

from train.engine.hardware import bf16_is_fast


@dataclass(frozen=True)
class Schedule:
    """Length and pace of one training run.

    Attributes:
        samples: total number of training samples, in `rounds` equal parts with a validation after each.
        batch: samples in a batch.
        rate: the highest learning rate.
        decay: weight decay of AdamW.
        clip: largest norm of the gradient.
        half: compute in bfloat16 on machines that have instructions for it.
        workers: processes that load data.
        restarts: warm restarts of a cosine (Loshchilov & Hutter 2017), as in system A; 0 is one cycle.
        patience: number of rounds without a better score after which training stops; 0 never stops early.
    """

    samples: int
    batch: int
    rate: float
    rounds: int = 10
    decay: float = 1e-2
    clip: float = 1.0
    half: bool = True
    workers: int = 1
    restarts: int = 0
    patience: int = 0

    @property
    def precision(self) -> Literal["32-true", "bf16-mixed"]:
        """The precision that this machine trains in."""
        return "bf16-mixed" if self.half and bf16_is_fast() else "32-true"

    @property
    def round_batches(self) -> int:
        """Batches between two validations."""
        return max(1, self.samples // (self.batch * self.rounds))

    def quick(self) -> Schedule:
        """The same schedule with as few batches as possible, for a run that only shows that the code works."""
        return replace(self, samples=16, batch=4, rounds=min(self.rounds, 2))


def optimiser(parameters: Iterable[nn.Parameter], schedule: Schedule) -> tuple[Optimizer, LRScheduler]:
    """AdamW and its learning rate per batch: one cycle (Smith & Topin 2019), or a cosine with restarts."""
    optimizer = torch.optim.AdamW(parameters, lr=schedule.rate, weight_decay=schedule.decay)
    steps = schedule.round_batches * schedule.rounds
    if schedule.restarts:
        return optimizer, CosineAnnealingWarmRestarts(optimizer, -(-steps // (schedule.restarts + 1)))
    return optimizer, OneCycleLR(optimizer, schedule.rate, total_steps=steps, pct_start=0.15)


def learning_rates(schedule: Schedule) -> list[float]:
    """The learning rate of every batch of a run."""
    optimizer, scheduler = optimiser([nn.Parameter(torch.zeros(1))], schedule)
    rates = []
    for _ in range(schedule.round_batches * schedule.rounds):
        rates.append(float(scheduler.get_last_lr()[0]))
        optimizer.step()
        scheduler.step()
    return rates
