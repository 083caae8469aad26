"""A worker process without Spleeter: halves what it hears, or does what the first sample asks for."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from gender_audio.separation.spleeter import worker

DIE, DIE_ONCE, SLEEP, FAIL = -1.0, -2.0, -3.0, -4.0


def load(models: Path) -> Callable[[np.ndarray], np.ndarray]:
    """Refuses where the folder is missing; a death in DIE_ONCE leaves a mark there."""
    print("TensorFlow is fond of talking")
    if not models.is_dir():
        raise worker.RefusalError("This checkpoint will not do.")

    def vocals(mixture: np.ndarray) -> np.ndarray:
        print("and of talking again")
        asked, mark = mixture.flat[0], models / "died"
        if asked == DIE or (asked == DIE_ONCE and not mark.exists()):
            mark.touch()
            os._exit(3)
        if asked == SLEEP:
            time.sleep(600)
        if asked == FAIL:
            raise MemoryError
        return mixture / 2

    return vocals


if __name__ == "__main__":
    worker.load = load
    sys.exit(worker.main())
