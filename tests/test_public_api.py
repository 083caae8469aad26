"""The functions of the package `gender_audio` itself."""

from __future__ import annotations

import doctest
import subprocess
import sys
from pathlib import Path

import pytest

import gender_audio
from gender_audio import audio, synth

HEAVY = ("av", "gradio", "librosa", "matplotlib", "numpy", "torch")


def test_examples_in_the_docstrings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clip = synth.example("female-like")
    audio.write(tmp_path / "song.wav", clip.mono(16_000), 16_000)
    monkeypatch.chdir(tmp_path)
    result = doctest.testmod(gender_audio)
    assert result.failed == 0 and result.attempted >= 10


def test_import_loads_no_heavy_package() -> None:
    code = f"import sys, gender_audio; print([name for name in {HEAVY} if name in sys.modules])"
    output = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert output.stdout.strip() == "[]"


@pytest.mark.parametrize("name", gender_audio.__all__)
def test_every_public_name_exists(name: str) -> None:
    assert getattr(gender_audio, name).__doc__


def test_unknown_names_are_attribute_errors() -> None:
    with pytest.raises(AttributeError, match="no attribute 'sing'"):
        gender_audio.sing  # noqa: B018
