"""Time of a function call."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable


def median_s(function: Callable[[], object], runs: int) -> float:
    """Median time of a call in seconds over `runs` calls, after one call to warm up."""
    function()
    durations = []
    for _ in range(runs):
        start = time.perf_counter()
        function()
        durations.append(time.perf_counter() - start)
    return statistics.median(durations)
