"""Atomic writing after an exception, and by two processes at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from gender_audio.atomic_write import atomic_write


def test_exception_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), atomic_write(tmp_path / "deep" / "file") as temporary:
        temporary.write_text("half")
        raise KeyboardInterrupt
    assert not list((tmp_path / "deep").iterdir())


def test_first_of_two_folders_is_kept(tmp_path: Path) -> None:
    with atomic_write(tmp_path / "folder") as late:
        with atomic_write(tmp_path / "folder") as early:
            early.mkdir()
            (early / "file").write_text("early")
        late.mkdir()
        (late / "file").write_text("late")
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]
    assert (tmp_path / "folder" / "file").read_text() == "early"


def test_existing_file_is_replaced(tmp_path: Path) -> None:
    for text in ("early", "late"):
        with atomic_write(tmp_path / "file") as temporary:
            temporary.write_text(text)
    assert [path.read_text() for path in tmp_path.iterdir()] == ["late"]


def test_file_cannot_replace_a_folder(tmp_path: Path) -> None:
    (tmp_path / "file").mkdir()
    with pytest.raises(OSError), atomic_write(tmp_path / "file") as temporary:
        temporary.write_text("text")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
