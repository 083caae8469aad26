"""Caches that others fill at the same time, or that nobody came to fill."""

from __future__ import annotations

from pathlib import Path

import pytest

from gender_audio.atomic_write import atomic_write


def test_what_fails_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), atomic_write(tmp_path / "deep" / "file") as made:
        made.write_text("half")
        raise KeyboardInterrupt
    assert not list((tmp_path / "deep").iterdir())


def test_the_first_of_two_folders_stays(tmp_path: Path) -> None:
    with atomic_write(tmp_path / "folder") as late:
        with atomic_write(tmp_path / "folder") as early:
            early.mkdir()
            (early / "file").write_text("early")
        late.mkdir()
        (late / "file").write_text("late")
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]
    assert (tmp_path / "folder" / "file").read_text() == "early"


def test_a_file_is_replaced(tmp_path: Path) -> None:
    for text in ("early", "late"):
        with atomic_write(tmp_path / "file") as made:
            made.write_text(text)
    assert [path.read_text() for path in tmp_path.iterdir()] == ["late"]


def test_a_folder_in_the_place_of_a_file_is_no_success(tmp_path: Path) -> None:
    (tmp_path / "file").mkdir()
    with pytest.raises(OSError), atomic_write(tmp_path / "file") as made:
        made.write_text("kept by nobody")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
