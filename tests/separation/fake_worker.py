"""A worker process without Spleeter: it halves a mixture, or fails in the way that the first sample selects."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from gender_audio.separation.spleeter_package import worker

DIE, DIE_ONCE, SLEEP, FAIL = -1.0, -2.0, -3.0, -4.0


def load(models: Path) -> Callable[[np.ndarray], np.ndarray]:
    """Raise an error if the folder is missing. DIE_ONCE leaves a file there."""
    print("noise on standard output")
    if not models.is_dir():
        raise worker.WorkerError("This checkpoint will not do.")

    def vocals(mixture: np.ndarray) -> np.ndarray:
        print("more noise")
        command, mark = mixture.flat[0], models / "died"
        if command == DIE or (command == DIE_ONCE and not mark.exists()):
            mark.touch()
            os._exit(3)
        if command == SLEEP:
            time.sleep(600)
        if command == FAIL:
            raise MemoryError
        return mixture / 2

    return vocals


if __name__ == "__main__":
    worker.load = load
    sys.exit(worker.main())
