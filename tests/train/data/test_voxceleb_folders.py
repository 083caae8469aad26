"""Folders in the layout of system C are read, or rejected with the reason."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile
from typer.testing import CliRunner

from train.__main__ import app
from train.data.readers import voxceleb_folders
from train.data.splits import LeakError
from train.data.validation import LayoutError

SEXES = ("Male", "Female")


def layout(root: Path, *paths: str) -> Path:
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(root / path, np.zeros(8000), 16_000)
    return root


def test_read_sources_finds_speakers(tmp_path: Path) -> None:
    root = layout(tmp_path, "Train/Male/id00001/a.wav", "Validation/Female/id00002_b.wav", "Test/Male/id00003/x/c.wav")
    sources = voxceleb_folders.read_sources(root)
    assert [(source.split, source.voice, source.singer_id) for source in sources] == [
        ("test", "male", "id00003"),
        ("train", "male", "id00001"),
        ("val", "female", "id00002"),
    ]


def test_read_sources_rejects_shared_speakers_unless_leak(tmp_path: Path) -> None:
    root = layout(tmp_path, "Train/Male/id00001/a.wav", "Test/Male/id00001/b.wav")
    with pytest.raises(LeakError, match="id00001"):
        voxceleb_folders.read_sources(root)
    assert len(voxceleb_folders.read_sources(root, leak=True)) == 2


@pytest.mark.parametrize("path", ["Train/Dogs/id00001/a.wav", "Extra/Male/id00001/a.wav", "Train/Male/a.wav"])
def test_read_sources_names_a_misplaced_file(tmp_path: Path, path: str) -> None:
    with pytest.raises(LayoutError, match=r"a\.wav"):
        voxceleb_folders.read_sources(layout(tmp_path, path))


def test_read_sources_lists_all_misplaced_files(tmp_path: Path) -> None:
    wrong = ("Extra/Male/id00001/a.wav", "Train/Dogs/id00001/b.wav", "Train/Male/c.wav")
    with pytest.raises(LayoutError) as error:
        voxceleb_folders.read_sources(layout(tmp_path, *wrong, "Test/Male/id00002/d.wav"))
    problems = str(error.value).splitlines()
    assert len(problems) == 3 and all(line.startswith(f"{path}: ") for line, path in zip(problems, wrong, strict=True))


def test_speech_mel_names_an_unreadable_recording(tmp_path: Path) -> None:
    sides = ("Train", "Validation", "Test")
    paths = [
        f"{side}/{sex}/id{place}00{n}{speaker}/a.wav"
        for place, side in enumerate(sides)
        for n, sex in enumerate(SEXES)
        for speaker in range(4)
    ]
    broken = layout(tmp_path, *paths) / "Train/Female/id00010/b.mp3"
    broken.write_bytes(b"no sound at all")
    result = CliRunner().invoke(
        app, ["speech-mel", "--layout", "--data", str(tmp_path), "--cache", str(tmp_path / "cache")]
    )
    assert result.exit_code == 2, result.exception
    assert f"{broken}: this recording cannot be read." in result.stderr


def test_read_sources_rejects_empty_folder(tmp_path: Path) -> None:
    with pytest.raises(LayoutError, match="no recordings"):
        voxceleb_folders.read_sources(tmp_path)


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("speech-mel --layout", "1 speaker(s) of 'test' are in 'train' too (id00001)"),
        ("speech-mel --layout --leak", "there is no female speech for the val split"),
        ("speech-mel", "manifest.csv: No such file"),
        ("eda", "manifest.csv: No such file"),
    ],
)
def test_commands_report_data_problems(tmp_path: Path, command: str, words: str) -> None:
    root = layout(tmp_path, "Train/Male/id00001/a.wav", "Test/Male/id00001/b.wav")
    result = CliRunner().invoke(app, [*command.split(), "--data", str(root)])
    assert result.exit_code == 2 and words in result.stderr
