"""What visitors sent is gone in time, also what never arrived whole."""

from __future__ import annotations

import os
import time
from pathlib import Path

import gradio as gr
import pytest

from gender_audio.ui import keeping, recording, singer
from tests.fakes import FakePipeline


def test_old_files_and_empty_folders_go_and_new_ones_stay(tmp_path: Path) -> None:
    old = [tmp_path / "tmpbroken", tmp_path / "aa" / "song.wav", tmp_path / "bb" / "old.wav", tmp_path / "empty"]
    new = tmp_path / "bb" / "new.wav"
    for path in (*old[:3], new):
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"sound")
    old[3].mkdir()
    before = time.time() - 100
    for path in (*old, tmp_path / "aa", tmp_path / "bb"):
        os.utime(path, (before, before))
    keeping.sweep(tmp_path, 50)
    assert sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*")) == ["aa", "bb", "bb/new.wav"]
    keeping.sweep(tmp_path, 0)
    assert not (tmp_path / "aa").exists()


def test_a_link_goes_and_what_it_points_to_stays(tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "file").write_bytes(b"sound")
    swept = tmp_path / "swept"
    swept.mkdir()
    (swept / "link").symlink_to(precious)
    keeping.sweep(swept, -1)
    assert (precious / "file").exists() and not (swept / "link").exists()


def test_of_a_recording_that_is_gone_it_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(gr.Error, match="has been deleted by now"):
        recording._judge(singer.TAB, FakePipeline("female"), str(tmp_path / "sung an hour ago.wav"))
