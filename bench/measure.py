"""Stop-watch and memory meter. Memory is read from /proc, so this needs Linux."""

from __future__ import annotations

import re
import statistics
import time
from collections.abc import Callable
from pathlib import Path


def median_s(work: Callable[[], object], runs: int) -> float:
    """The median time of `work` in seconds over so many runs, after one that does not count."""
    work()
    durations = []
    for _ in range(runs):
        start = time.perf_counter()
        work()
        durations.append(time.perf_counter() - start)
    return statistics.median(durations)


def peak_bytes(process: int | str = "self") -> int:
    """The most memory a process ever had resident at once."""
    status = Path(f"/proc/{process}/status").read_text()
    match = re.search(r"^VmHWM:\s+(\d+) kB$", status, re.MULTILINE)
    if match is None:
        raise OSError(f"Process {process} does not say how much memory it has used.")
    return int(match[1]) * 1024
