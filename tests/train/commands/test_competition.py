"""The competition commands: the files that they read, reject and write."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
import soundfile
from typer.testing import CliRunner, Result

from gender_audio.systems.labels import SINGING
from gender_audio.systems.singing import SingingClassifier
from tests.fakes import FakeSingingClassifier
from train.__main__ import app
from train.data.readers.competition import read_entries
from train.data.validation import LayoutError


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["competition", *map(str, arguments)])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Eleven recordings, numbered so that the order of names is not that of numbers."""
    (tmp_path / "mp3s").mkdir()
    for number in range(1, 12):
        tone = 0.3 * np.sin(np.arange(16_000) * 0.02 * number)
        soundfile.write(tmp_path / "mp3s" / f"{number}.mp3", tone, 16_000)
    return tmp_path / "mp3s"


@pytest.fixture
def labels(tmp_path: Path) -> Path:
    path = tmp_path / "train_label.txt"
    path.write_text("\n".join(str(number % 4) for number in range(1, 12)) + "\n")
    return path


def test_read_entries_pairs_labels_by_number(folder: Path, labels: Path) -> None:
    entries = read_entries(folder, labels)
    assert [entry.number for entry in entries] == list(range(1, 12))
    assert all(entry.label == SINGING.labels[entry.number % 4] for entry in entries)


def test_read_entries_lists_all_problems(folder: Path, labels: Path) -> None:
    (folder / "song.mp3").write_bytes(b"")
    (folder / "03.mp3").write_bytes((folder / "3.mp3").read_bytes())
    (folder / "5.mp3").write_bytes(b"no sound at all")
    labels.write_text("0\n1\n")
    with pytest.raises(LayoutError) as error:
        read_entries(folder, labels)
    problems = str(error.value).splitlines()
    assert len(problems) == 4
    for place, words in (
        ("song.mp3", "not a number"),
        ("3.mp3", "same number"),
        ("5.mp3", ""),
        ("label", "2 labels for 11"),
    ):
        assert any(place in line and words in line for line in problems)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0\n\n5", [", line 2: '' is not a category", ", line 3: '5' is not a category"]),
        ("1 2\n3\n", [", line 1: '1 2' is not a category"]),
        ("0\n1\n\n4\n\n", [", line 3: '' is not a category", ", line 4: '4' is not a category"]),
        ("\n \n", [": there are no labels in this file"]),
        ("", [": there are no labels in this file"]),
    ],
)
def test_labels_command_names_invalid_lines(labels: Path, tmp_path: Path, text: str, expected: list[str]) -> None:
    labels.write_text(text)
    result = run("labels", labels, tmp_path / "labels.npz")
    assert result.exit_code == 2 and not (tmp_path / "labels.npz").exists()
    lines = [line.removeprefix(str(labels)).split(";")[0].rstrip(".") for line in result.stderr.splitlines()]
    assert lines == expected


def test_labels_command_ignores_spaces_and_trailing_empty_lines(labels: Path, tmp_path: Path) -> None:
    labels.write_bytes(b"\xef\xbb\xbf0\r\n 3 \r\n2\r\n\r\n\n")
    assert run("labels", labels, tmp_path / "labels.npz").exit_code == 0
    assert np.load(tmp_path / "labels.npz")["arr_0"].tolist() == [0, 3, 2]


def test_labels_command_writes_an_array(labels: Path, tmp_path: Path) -> None:
    assert run("labels", labels, tmp_path / "labels.npz").exit_code == 0
    np.testing.assert_array_equal(np.load(tmp_path / "labels.npz")["arr_0"], np.arange(1, 12) % 4)


def test_labels_command_adds_no_suffix(labels: Path, tmp_path: Path) -> None:
    (tmp_path / "x.npz").write_bytes(b"another file")
    assert run("labels", labels, tmp_path / "x").exit_code == 0
    assert (tmp_path / "x.npz").read_bytes() == b"another file"
    assert len(np.load(tmp_path / "x")["arr_0"]) == 11


def test_sort_command_copies_recordings(folder: Path, labels: Path, tmp_path: Path) -> None:
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert run("sort", folder, labels, tmp_path / "sorted").exit_code == 0
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    assert {path.name for path in (tmp_path / "sorted" / "multiple").iterdir()} == {"3.mp3", "7.mp3", "11.mp3"}


@pytest.mark.parametrize(("command", "category"), [("blank", "0"), ("submit", "2")])
def test_submissions_list_every_number_in_order(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str, category: str
) -> None:
    monkeypatch.setattr(SingingClassifier, "load", FakeSingingClassifier)
    assert run(command, folder, tmp_path / "answers.csv").exit_code == 0
    with (tmp_path / "answers.csv").open(newline="") as lines:
        rows = list(csv.reader(lines))
    assert rows == [["id", "category"], *([str(number), category] for number in range(1, 12))]


def test_pictures_command_draws_the_first_recordings(folder: Path, tmp_path: Path) -> None:
    assert run("pictures", folder, tmp_path / "pictures", "--count", 2).exit_code == 0
    drawn = sorted((tmp_path / "pictures").iterdir())
    assert [path.name for path in drawn] == ["1.png", "2.png"]
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in drawn)


def test_pictures_command_names_an_unreadable_recording(folder: Path, tmp_path: Path) -> None:
    (folder / "2.mp3").write_bytes(b"no sound at all")
    result = run("pictures", folder, tmp_path / "pictures")
    assert result.exit_code == 2 and str(folder / "2.mp3") in result.stderr
    assert not (tmp_path / "pictures").exists()


def test_submit_command_rejects_missing_folder_before_loading(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(SingingClassifier, "load", lambda: pytest.fail("too late"))
    result = run("submit", folder, tmp_path / "gone" / "answers.csv")
    assert result.exit_code == 2 and "gone: there is no such folder" in result.stderr


def test_commands_do_not_overwrite_and_leave_no_partial_output(folder: Path, labels: Path, tmp_path: Path) -> None:
    result = run("blank", folder, labels)
    assert result.exit_code == 2 and str(labels) in result.stderr
    (folder / "5.mp3").write_bytes(b"no sound at all")
    assert run("sort", folder, labels, tmp_path / "sorted").exit_code == 2
    assert not (tmp_path / "sorted").exists()
