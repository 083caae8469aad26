"""Tests of the application, the training pipeline and the benchmark."""

import os
from pathlib import Path

# Processes that fill one cache of numba at the same time can leave kernels of librosa that crash (numba#10128).
# So each process of the tests has its own cache; tests/conftest.py fills it before any test starts a process.
_PROCESS = os.environ.get("PYTEST_XDIST_WORKER", "main")
os.environ["NUMBA_CACHE_DIR"] = str(Path(__file__).parents[1] / ".pytest_cache" / f"numba-{_PROCESS}")
