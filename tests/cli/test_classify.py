"""The command line: with a stand-in pipeline for what it prints, as a process for how it fails."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from gender_audio import cli
from gender_audio.audio import Clip
from gender_audio.audio.microphone import Microphone, RecordingError
from gender_audio.cli import app
from gender_audio.systems.base import Progress
from gender_audio.systems.labels import SINGING
from gender_audio.systems.singing import SingingClassifier, SingingVerdict
from gender_audio.weights import WeightsError
from tests.fakes import FakePipeline

ROOT = Path(__file__).parents[2]


Loads = list[dict[str, object]]


@pytest.fixture
def loaded(monkeypatch: pytest.MonkeyPatch) -> Loads:
    """A pipeline that calls every voice female-like; the list tells how it was loaded."""
    loads: Loads = []

    def load(**options: object) -> FakePipeline:
        loads.append(options)
        return FakePipeline("female")

    monkeypatch.setattr(SingingClassifier, "load", load)
    return loads


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def run_process(*arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "gender_audio", *map(str, arguments)],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def test_classify_prints_a_table_for_each_file(loaded: Loads, tone: Path) -> None:
    result = run("classify", tone, tone)
    assert result.exit_code == 0
    assert result.stdout.count("of 20 members agree") == 2
    assert result.stdout.count("tone.wav") == 2
    assert loaded == [{}]


@pytest.mark.parametrize("error", [MemoryError("too little"), KeyboardInterrupt()])
def test_what_was_classified_is_there_whatever_comes_after_it(
    tone: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    class Failing(FakePipeline):
        def __call__(self, clip: Clip, progress: Progress = lambda *_: None) -> SingingVerdict:
            if len(self.heard) == 2:
                self.heard.append(clip)
                raise error
            return super().__call__(clip, progress)

    pipeline = Failing()
    monkeypatch.setattr(SingingClassifier, "load", lambda **_: pipeline)
    result = run("classify", tone, tone, tone, tone, "--json")
    stopped = isinstance(error, KeyboardInterrupt)
    assert len(json.loads(result.stdout)) == (2 if stopped else 3)
    assert result.exit_code != 0 and (stopped or "MemoryError: too little" in result.stderr)


@pytest.mark.usefixtures("loaded")
def test_json_of_nothing_is_an_empty_list(tmp_path: Path) -> None:
    result = run("classify", tmp_path / "gone.wav", "--json")
    assert json.loads(result.stdout) == [] and result.exit_code == 2


@pytest.mark.usefixtures("loaded")
def test_linked_folders_are_heard_and_rings_of_them_only_once(tone: Path, tmp_path: Path) -> None:
    album, music = tmp_path / "album", tmp_path / "music"
    album.mkdir()
    music.mkdir()
    shutil.copy(tone, album / "song.wav")
    (music / "linked").symlink_to(album)
    (album / "back").symlink_to(music)
    result = run("classify", music)
    assert result.exit_code == 0 and result.stderr == ""
    assert result.stdout.count("of 20 members agree") == 1


def test_classify_options_reach_the_pipeline(loaded: Loads, tone: Path) -> None:
    assert run("classify", tone, "--separator", "none", "--members", 3).exit_code == 0
    assert run("classify", tone, "--members", "student").exit_code == 0
    assert loaded == [{"separator": "none", "members": 3}, {"members": "student"}]


@pytest.mark.usefixtures("loaded")
def test_classify_takes_every_file_of_a_folder(tone: Path, tmp_path: Path) -> None:
    (tmp_path / "songs" / "live").mkdir(parents=True)
    for place in ("b.wav", "live/a.wav"):
        (tmp_path / "songs" / place).write_bytes(tone.read_bytes())
    result = run("classify", tmp_path / "songs", "--json")
    assert [Path(found["file"]).name for found in json.loads(result.stdout)] == ["b.wav", "a.wav"]
    assert result.exit_code == 0


@pytest.mark.usefixtures("loaded")
def test_hidden_files_of_a_folder_are_left_alone(tone: Path, tmp_path: Path) -> None:
    songs, hidden = tmp_path / "songs", tmp_path / "songs" / ".trash"
    hidden.mkdir(parents=True)
    shutil.copy(tone, songs / "a.wav")
    shutil.copy(tone, songs / ".draft.wav")
    (songs / ".DS_Store").write_bytes(b"\0" * 6000)
    (hidden / "old.wav").write_text("la la la")
    result = run("classify", songs, songs / ".draft.wav", "--json")
    assert (result.exit_code, result.stderr) == (0, "")
    assert [Path(found["file"]).name for found in json.loads(result.stdout)] == ["a.wav", ".draft.wav"]


@pytest.mark.usefixtures("loaded")
def test_an_empty_folder_is_bad_input(tmp_path: Path) -> None:
    result = run("classify", tmp_path)
    assert result.exit_code == 2
    assert "There are no files in this folder." in result.stderr


@pytest.mark.usefixtures("loaded")
def test_an_unknown_system_is_refused_with_the_choices(tone: Path) -> None:
    result = run("classify", tone, "--system", "dogs")
    assert result.exit_code == 2
    assert "singing" in result.stderr


@pytest.mark.usefixtures("loaded")
def test_json_is_a_list_and_nothing_else(tone: Path) -> None:
    result = run("classify", "--json", tone)
    assert result.exit_code == 0
    (only,) = json.loads(result.stdout)
    assert only["file"] == str(tone)
    assert only["duration_s"] == 3.0
    assert only["label"] == "female"
    assert len(only["members"]) == 20


@pytest.mark.usefixtures("loaded")
@pytest.mark.parametrize("as_json", [True, False])
def test_a_bad_file_is_named_and_the_others_are_classified(tone: Path, tmp_path: Path, as_json: bool) -> None:
    text = tmp_path / "notes.wav"
    text.write_text("These are words. " * 100)
    result = run("classify", text, tone, tmp_path / "missing.wav", *["--json"] * as_json)
    assert result.exit_code == 2
    complaints = result.stderr.splitlines()
    assert [line.split(":")[0] for line in complaints] == [str(text), str(tmp_path / "missing.wav")]
    if as_json:
        assert [entry["file"] for entry in json.loads(result.stdout)] == [str(tone)]
    else:
        assert SINGING.titles["female"] in result.stdout


@pytest.mark.parametrize("options", [["--members", 0], ["--members", "x"], ["--separator", "magic"], ["--nonsense"]])
def test_wrong_options_are_refused(loaded: Loads, tone: Path, options: list[object]) -> None:
    assert run("classify", tone, *options).exit_code == 2
    assert not loaded


@pytest.mark.parametrize("error", [ValueError, WeightsError])
def test_what_the_pipeline_refuses_is_said(monkeypatch: pytest.MonkeyPatch, tone: Path, error: type[Exception]) -> None:
    def refuse(members: int) -> SingingClassifier:
        raise error(f"There are 20 members, not {members}.")

    monkeypatch.setattr(SingingClassifier, "load", refuse)
    result = run("classify", tone, "--members", 21)
    assert (result.exit_code, result.stderr) == (2, "There are 20 members, not 21.\n")


@pytest.mark.usefixtures("loaded")
def test_what_may_not_be_looked_at_is_said_and_the_rest_classified(
    tone: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = tmp_path / "album" / "closed"
    closed.mkdir(parents=True)
    shutil.copy(tone, tmp_path / "album" / "open.wav")
    scandir = os.scandir

    def refuse(path: Path) -> Iterator[os.DirEntry]:
        if Path(path) == closed:
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    result = run("classify", tmp_path / "album", tmp_path / ("a" * 300), "--json")
    assert result.exit_code == 2
    assert [Path(found["file"]).name for found in json.loads(result.stdout)] == ["open.wav"]
    first, second = result.stderr.splitlines()
    assert first.startswith(f"{closed}: This folder cannot be opened") and "cannot be opened" in second


@pytest.fixture
def microphone(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """A microphone, and the log of what was asked of it and of the clock."""
    log: list[object] = []

    def record(source: Microphone, seconds: float) -> Clip:
        log.append(source)
        return Clip(np.full((1, round(seconds * source.rate)), 0.1, np.float32), source.rate)

    monkeypatch.setattr(cli, "microphone", lambda: Microphone("Headset", 48_000))
    monkeypatch.setattr(cli, "record", record)
    monkeypatch.setattr(cli.time, "sleep", log.append)
    return log


@pytest.mark.usefixtures("loaded")
def test_record_counts_down_records_and_classifies(microphone: list[object]) -> None:
    result = run("record", "--seconds", 2.5)
    assert result.exit_code == 0
    assert microphone == [1, 1, 1, Microphone("Headset", 48_000)]
    assert result.stderr.splitlines() == ["3 ...", "2 ...", "1 ...", "Recording 2.5 s from Headset"]
    assert "2.5 s" in result.stdout and SINGING.titles["female"] in result.stdout


@pytest.mark.parametrize("seconds", [0, -1, 0.2, 100_000])
def test_record_refuses_lengths_that_cannot_be_classified(microphone: list[object], seconds: float) -> None:
    assert run("record", "--seconds", seconds).exit_code == 2
    assert microphone == []


def test_record_does_not_count_down_without_a_microphone(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> Microphone:
        raise RecordingError("Please connect one.")

    monkeypatch.setattr(cli, "microphone", missing)
    result = run("record")
    assert (result.exit_code, result.stdout, result.stderr) == (2, "", "Please connect one.\n")


def test_process_without_portaudio_says_what_to_install(tmp_path: Path) -> None:
    (tmp_path / "sounddevice.py").write_text("raise OSError('PortAudio library not found')")
    result = run_process("record", PYTHONPATH=str(tmp_path))
    assert result.returncode == 2
    assert "libportaudio2" in result.stderr and result.stderr.count("\n") == 1


@pytest.mark.parametrize("contents", [None, b"", b"not a recording " * 500])
def test_process_with_a_bad_file_prints_one_line(tmp_path: Path, contents: bytes | None) -> None:
    path = tmp_path / "bad.mp3"
    if contents is not None:
        path.write_bytes(contents)
    result = run_process("separate", path, "--out", tmp_path)
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.startswith(f"{path}: ") and result.stderr.count("\n") == 1


def test_process_explains_itself() -> None:
    result = run_process("--help")
    assert result.returncode == 0
    assert all(command in result.stdout for command in ("classify", "separate", "record", "spleeter"))
