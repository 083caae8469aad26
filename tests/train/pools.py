"""A stand-in for process pools: worker processes take seconds to start."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

import pytest
import torch

from train.data.labelled_clips import LabelledClip


class InProcessPool:
    """Stands in for ProcessPoolExecutor: runs everything in this process and counts the clips."""

    prepared = 0

    def __init__(self, *_: object, **__: object) -> None: ...

    def __enter__(self) -> InProcessPool:
        return self

    def __exit__(self, *_: object) -> None: ...

    def map(self, function: Callable[..., Any], *work: Iterable[Any]) -> Iterator[Any]:
        for arguments in zip(*work, strict=True):
            InProcessPool.prepared += isinstance(arguments[0], LabelledClip)
            yield function(*arguments)


@contextmanager
def in_process(*modules: ModuleType) -> Iterator[None]:
    """Run the process pools of modules in this process, and restore the number of threads afterwards."""
    threads = torch.get_num_threads()
    with pytest.MonkeyPatch.context() as patch:
        for module in modules:
            patch.setattr(module, "ProcessPoolExecutor", InProcessPool)
        yield
    torch.set_num_threads(threads)
