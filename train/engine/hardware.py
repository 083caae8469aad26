"""Where networks learn, and how many at a time: one on each accelerator, or where there is none one on each core."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from multiprocessing.queues import SimpleQueue
from typing import Any

import torch
from joblib import cpu_count
from lightning.pytorch.accelerators import CUDAAccelerator, MPSAccelerator

_place = 0
"""Which of the accelerators this process learns on."""


def accelerators() -> list[torch.device]:
    """All that this machine has of one kind."""
    for kind in (CUDAAccelerator, MPSAccelerator):
        if kind.is_available():
            return kind.get_parallel_devices(list(range(kind.auto_device_count())))
    return []


def own() -> torch.device:
    """The one device that this process learns on."""
    there = accelerators()
    return there[_place] if there else torch.device("cpu")


def named() -> dict[str, Any]:
    """The arguments by which a `lightning.Trainer` uses that device; left alone it would take all there are."""
    device = own()
    return {"accelerator": device.type, "devices": 1 if device.type == "cpu" else [device.index]}


def pool(jobs: int) -> ProcessPoolExecutor:
    """Processes for so many trainings; on accelerators, each has one that no other process has."""
    context = get_context("spawn")
    count = min(jobs, len(accelerators()) or cpu_count())
    # Members take different times, so their numbers would not tell which accelerator is free.
    places = context.SimpleQueue()
    for place in range(count):
        places.put(place)
    return ProcessPoolExecutor(count, mp_context=context, initializer=_settle, initargs=(places,))


def _settle(places: SimpleQueue[int]) -> None:
    """Take the next place: every process of a pool does so once."""
    global _place
    _place = places.get()
