"""`record` on the command line."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from gender_audio.audio import Clip, microphone
from gender_audio.audio.microphone import Microphone, RecordingError
from gender_audio.cli import record
from gender_audio.systems.labels import SINGING
from tests.cli.invoke import run, run_process


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """A fake microphone; returns a list of the seconds slept and of the microphones recorded from."""
    events: list[object] = []

    def fake_record(source: Microphone, seconds: float) -> Clip:
        events.append(source)
        return Clip(np.full((1, round(seconds * source.rate)), 0.1, np.float32), source.rate)

    monkeypatch.setattr(microphone, "default_microphone", lambda: Microphone("Headset", 48_000))
    monkeypatch.setattr(microphone, "record", fake_record)
    monkeypatch.setattr(record.time, "sleep", events.append)
    return events


@pytest.mark.usefixtures("loaded")
def test_record_counts_down_records_and_classifies(log: list[object]) -> None:
    result = run("record", "--seconds", 2.5)
    assert result.exit_code == 0
    assert log == [1, 1, 1, Microphone("Headset", 48_000)]
    assert result.stderr.splitlines() == ["3 ...", "2 ...", "1 ...", "Recording 2.5 s from Headset"]
    assert "2.5 s" in result.stdout and SINGING.titles["female"] in result.stdout


@pytest.mark.parametrize("seconds", [0, -1, 0.2, 100_000])
def test_record_rejects_unusable_lengths(log: list[object], seconds: float) -> None:
    assert run("record", "--seconds", seconds).exit_code == 2
    assert log == []


def test_record_without_microphone_fails_before_the_countdown(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> Microphone:
        raise RecordingError("Please connect one.")

    monkeypatch.setattr(microphone, "default_microphone", missing)
    result = run("record")
    assert (result.exit_code, result.stdout, result.stderr) == (2, "", "Please connect one.\n")


@pytest.mark.slow
def test_record_without_portaudio_names_the_missing_package(tmp_path: Path) -> None:
    (tmp_path / "sounddevice.py").write_text("raise OSError('PortAudio library not found')")
    result = run_process("record", PYTHONPATH=str(tmp_path))
    assert result.returncode == 2
    assert "libportaudio2" in result.stderr and result.stderr.count("\n") == 1
