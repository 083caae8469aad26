"""A run of the tests always ends: a test that hangs fails, and so does the run when a worker dies."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

CONFIGURATION = Path(__file__).parents[1] / "pyproject.toml"
DYING = "import os\ndef test_dies(): os.abort()\ndef test_after_it(): pass\n"
HANGING = "import threading\ndef test_hangs(): threading.Event().wait()\n"


def run(folder: Path, **files: str) -> subprocess.CompletedProcess[str]:
    """The end of a run of these tests with the project's own settings."""
    for name, text in files.items():
        (folder / f"test_{name}.py").write_text(text)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    command = [sys.executable, "-m", "pytest", "-c", str(CONFIGURATION), f"--rootdir={folder}", str(folder)]
    options = ["--numprocesses=2", "--dist=loadfile", "--timeout=5", "-p", "no:cacheprovider"]
    return subprocess.run(
        [*command, *options], env=environment, capture_output=True, text=True, timeout=120, cwd=folder
    )


@pytest.mark.slow
def test_a_worker_that_dies_ends_the_run_as_failed(tmp_path: Path) -> None:
    many = "".join(f"def test_{number}(): pass\n" for number in range(50))
    finished = run(tmp_path, dying=DYING, fine=many)
    assert finished.returncode == 1
    assert "crashed" in finished.stdout


@pytest.mark.slow
def test_a_test_that_hangs_fails(tmp_path: Path) -> None:
    finished = run(tmp_path, hanging=HANGING, fine="def test_fine(): pass\n")
    assert finished.returncode == 1
    assert "1 failed, 1 passed" in finished.stdout
