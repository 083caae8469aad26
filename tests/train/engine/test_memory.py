"""Peak memory of a process."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


@pytest.mark.slow
def test_peak_memory_includes_freed_blocks() -> None:
    size = 2**27
    code = (
        "from train.engine.memory import peak_bytes; before = peak_bytes();"
        f"block = bytearray(b'1') * {size}; del block; print(peak_bytes() - before)"
    )
    grown = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=True, text=True)
    assert float(grown.stdout) == pytest.approx(size, rel=0.1)
