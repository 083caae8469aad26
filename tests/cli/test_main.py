"""The program itself: help, version, and what it imports."""

from __future__ import annotations

import subprocess
import sys

import pytest

import gender_audio
from tests.cli.invoke import ROOT, run, run_process


def test_help_lists_every_command() -> None:
    result = run("--help")
    assert result.exit_code == 0
    assert all(command in result.stdout for command in ("classify", "separate", "record", "spleeter"))


def test_version_option_prints_the_version() -> None:
    result = run("--version")
    assert (result.exit_code, result.stdout) == (0, f"{gender_audio.__version__}\n")


@pytest.mark.slow
def test_python_m_prints_help_under_its_own_name() -> None:
    result = run_process("--help")
    assert result.returncode == 0
    assert "python -m gender_audio" in result.stdout


@pytest.mark.slow
def test_starting_does_not_import_heavy_packages() -> None:
    code = "import sys, gender_audio.cli; print(*{'torch', 'librosa', 'gradio', 'matplotlib'} & set(sys.modules))"
    result = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=True, text=True)
    assert result.stdout.split() == []
