"""A pool of processes for tests that need none: each of a pool's own takes some seconds to come to life."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

import pytest
import torch

from train.data.labelled_clips import LabelledClip


class Here:
    """Stands in for a pool of processes: everything happens in this one, and is counted."""

    prepared = 0

    def __init__(self, *_: object, **__: object) -> None: ...

    def __enter__(self) -> Here:
        return self

    def __exit__(self, *_: object) -> None: ...

    def map(self, function: Callable[..., Any], *work: Iterable[Any]) -> Iterator[Any]:
        for arguments in zip(*work, strict=True):
            Here.prepared += isinstance(arguments[0], LabelledClip)
            yield function(*arguments)


@contextmanager
def in_process(*modules: ModuleType) -> Iterator[None]:
    """What modules have pools for happens here; as many threads as before are left."""
    threads = torch.get_num_threads()
    with pytest.MonkeyPatch.context() as patch:
        for module in modules:
            patch.setattr(module, "ProcessPoolExecutor", Here)
        yield
    torch.set_num_threads(threads)
