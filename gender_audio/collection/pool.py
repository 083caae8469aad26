"""Processes that load the networks once. A file that ends its process is tried again alone, and then given up."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from multiprocessing import get_context, parent_process
from pathlib import Path
from threading import Thread
from typing import TypeVar

Answer = TypeVar("Answer")
Work = Callable[[Path], Answer]


def run(
    work: Work[Answer], files: Sequence[Path], jobs: int, prepare: Callable[[], None], died: Callable[[Path], Answer]
) -> Iterator[Answer]:
    """The answers for all files, in the order in which they are finished.

    Args:
        work, prepare: functions that can be pickled; each process calls `prepare` once.
        died: the answer for a file that ended its process.
    """
    waiting = list(reversed(files))
    while waiting:
        suspects: list[Path] = []
        yield from _run_pool(work, waiting, jobs, prepare, suspects)
        for file in suspects:
            alone: list[Path] = []
            yield from _run_pool(work, [file], 1, prepare, alone)
            if alone:
                yield died(file)


def _run_pool(
    work: Work[Answer], waiting: list[Path], jobs: int, prepare: Callable[[], None], suspects: list[Path]
) -> Iterator[Answer]:
    """Take files from the end of `waiting` until none is left, or until a process dies.

    Args:
        suspects: gets the files that were running when a process died.
    """
    running: dict[Future[Answer], Path] = {}
    start = partial(_start, prepare)
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn"), initializer=start) as pool:
        try:
            while waiting or running:
                while waiting and len(running) < 2 * jobs:
                    file = waiting.pop()
                    try:
                        running[pool.submit(work, file)] = file
                    except BrokenProcessPool:
                        waiting.append(file)
                        raise
                done, _ = wait(running, return_when=FIRST_COMPLETED)
                for future in done:
                    answer = future.result()
                    del running[future]
                    yield answer
        except BrokenProcessPool:
            suspects += running.values()


def _start(prepare: Callable[[], None]) -> None:
    """Prepare a process; it ends with its parent, even if that is killed, and leaves interruptions to it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Thread(target=_end_with_parent, daemon=True).start()
    prepare()


def _end_with_parent() -> None:
    parent = parent_process()
    if parent:
        parent.join()
        os._exit(1)
