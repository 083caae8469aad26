"""The competition's layout: what is read from it, what is refused, and what is written."""

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


def test_lines_follow_the_numbers(folder: Path, labels: Path) -> None:
    found = read_entries(folder, labels)
    assert [entry.number for entry in found] == list(range(1, 12))
    assert all(entry.label == SINGING.labels[entry.number % 4] for entry in found)


def test_every_problem_is_listed_at_once(folder: Path, labels: Path) -> None:
    (folder / "song.mp3").write_bytes(b"")
    (folder / "03.mp3").write_bytes((folder / "3.mp3").read_bytes())
    (folder / "5.mp3").write_bytes(b"no sound at all")
    labels.write_text("0\n1\n")
    with pytest.raises(LayoutError) as refused:
        read_entries(folder, labels)
    said = str(refused.value).splitlines()
    assert len(said) == 4
    for place, words in (
        ("song.mp3", "not a number"),
        ("3.mp3", "same number"),
        ("5.mp3", ""),
        ("label", "2 labels for 11"),
    ):
        assert any(place in line and words in line for line in said)


def test_a_line_that_is_no_category_is_named(folder: Path, labels: Path) -> None:
    labels.write_text("0\n4\nmale\n")
    with pytest.raises(LayoutError, match=r"line 2: '4'.*\n.*line 3: 'male'"):
        read_entries(folder, labels)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("0\n\n5", [", line 2: '' is not a category", ", line 3: '5' is not a category"]),
        ("1 2\n3\n", [", line 1: '1 2' is not a category"]),
        ("0\n1\n\n4\n\n", [", line 3: '' is not a category", ", line 4: '4' is not a category"]),
        ("\n \n", [": there are no labels in this file"]),
        ("", [": there are no labels in this file"]),
    ],
)
def test_labels_are_read_line_by_line(labels: Path, tmp_path: Path, text: str, said: list[str]) -> None:
    labels.write_text(text)
    refused = run("labels", labels, tmp_path / "labels.npz")
    assert refused.exit_code == 2 and not (tmp_path / "labels.npz").exists()
    lines = [line.removeprefix(str(labels)).split(";")[0].rstrip(".") for line in refused.stderr.splitlines()]
    assert lines == said


def test_space_around_labels_and_empty_lines_after_them_do_not_count(labels: Path, tmp_path: Path) -> None:
    labels.write_bytes(b"\xef\xbb\xbf0\r\n 3 \r\n2\r\n\r\n\n")
    assert run("labels", labels, tmp_path / "labels.npz").exit_code == 0
    assert np.load(tmp_path / "labels.npz")["arr_0"].tolist() == [0, 3, 2]


def test_labels_become_an_array(labels: Path, tmp_path: Path) -> None:
    assert run("labels", labels, tmp_path / "labels.npz").exit_code == 0
    np.testing.assert_array_equal(np.load(tmp_path / "labels.npz")["arr_0"], np.arange(1, 12) % 4)


def test_no_ending_is_added_to_the_name_of_labels(labels: Path, tmp_path: Path) -> None:
    (tmp_path / "x.npz").write_bytes(b"of somebody else")
    assert run("labels", labels, tmp_path / "x").exit_code == 0
    assert (tmp_path / "x.npz").read_bytes() == b"of somebody else"
    assert len(np.load(tmp_path / "x")["arr_0"]) == 11


def test_sorting_copies(folder: Path, labels: Path, tmp_path: Path) -> None:
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert run("sort", folder, labels, tmp_path / "sorted").exit_code == 0
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    assert {path.name for path in (tmp_path / "sorted" / "multiple").iterdir()} == {"3.mp3", "7.mp3", "11.mp3"}


@pytest.mark.parametrize(("command", "category"), [("blank", "0"), ("submit", "2")])
def test_a_submission_has_every_number_in_order(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str, category: str
) -> None:
    monkeypatch.setattr(SingingClassifier, "load", FakeSingingClassifier)
    assert run(command, folder, tmp_path / "answers.csv").exit_code == 0
    with (tmp_path / "answers.csv").open(newline="") as lines:
        rows = list(csv.reader(lines))
    assert rows == [["id", "category"], *([str(number), category] for number in range(1, 12))]


def test_pictures_of_the_first_recordings(folder: Path, tmp_path: Path) -> None:
    assert run("pictures", folder, tmp_path / "pictures", "--count", 2).exit_code == 0
    drawn = sorted((tmp_path / "pictures").iterdir())
    assert [path.name for path in drawn] == ["1.png", "2.png"]
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in drawn)


def test_a_recording_that_cannot_be_drawn_is_named(folder: Path, tmp_path: Path) -> None:
    (folder / "2.mp3").write_bytes(b"no sound at all")
    refused = run("pictures", folder, tmp_path / "pictures")
    assert refused.exit_code == 2 and str(folder / "2.mp3") in refused.stderr
    assert not (tmp_path / "pictures").exists()


def test_a_submission_without_a_folder_is_refused_before_anything_is_heard(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(SingingClassifier, "load", lambda: pytest.fail("too late"))
    refused = run("submit", folder, tmp_path / "gone" / "answers.csv")
    assert refused.exit_code == 2 and "gone: there is no such folder" in refused.stderr


def test_nothing_is_overwritten_and_nothing_is_half_written(folder: Path, labels: Path, tmp_path: Path) -> None:
    refused = run("blank", folder, labels)
    assert (refused.exit_code, refused.stderr) == (2, f"{labels} exists already; choose another name.\n")
    (folder / "5.mp3").write_bytes(b"no sound at all")
    assert run("sort", folder, labels, tmp_path / "sorted").exit_code == 2
    assert not (tmp_path / "sorted").exists()
