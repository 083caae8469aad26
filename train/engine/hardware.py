"""Devices and precision for training: one training run per accelerator, or per core where there is no accelerator."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from multiprocessing.queues import SimpleQueue
from typing import Any

import torch
from joblib import cpu_count
from lightning.pytorch.accelerators import CUDAAccelerator, MPSAccelerator

BF16_INSTRUCTIONS = ("amx_bf16", "avx512_bf16")
_device_number = 0
"""Number of the accelerator that this process trains on."""


def accelerators() -> list[torch.device]:
    """All accelerators of this machine, of one kind."""
    for kind in (CUDAAccelerator, MPSAccelerator):
        if kind.is_available():
            return kind.get_parallel_devices(list(range(kind.auto_device_count())))
    return []


def training_device() -> torch.device:
    """The one device that this process trains on."""
    devices = accelerators()
    return devices[_device_number] if devices else torch.device("cpu")


def trainer_arguments() -> dict[str, Any]:
    """Arguments that make a `lightning.Trainer` use that device only; by default it takes all devices."""
    device = training_device()
    return {"accelerator": device.type, "devices": 1 if device.type == "cpu" else [device.index]}


def pool(jobs: int) -> ProcessPoolExecutor:
    """A pool of processes for that many trainings; each process has one accelerator, if there are any."""
    context = get_context("spawn")
    count = min(jobs, len(accelerators()) or cpu_count())
    # Jobs take different times, so the number of a job does not tell which accelerator is free.
    numbers = context.SimpleQueue()
    for number in range(count):
        numbers.put(number)
    return ProcessPoolExecutor(count, mp_context=context, initializer=_take_device, initargs=(numbers,))


def _take_device(numbers: SimpleQueue[int]) -> None:
    """Take the next device number; every process of a pool calls this once."""
    global _device_number
    _device_number = numbers.get()


def bf16_is_fast() -> bool:
    """Whether this machine has instructions for bfloat16.

    Without them a processor emulates bfloat16, and the separator takes seven times as long as in single precision.
    """
    if torch.cuda.is_available():
        return torch.cuda.is_bf16_supported(including_emulation=False)
    capabilities = torch.cpu.get_capabilities()
    return any(capabilities.get(name, False) for name in BF16_INSTRUCTIONS)
