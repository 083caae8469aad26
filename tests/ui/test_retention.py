"""What visitors sent is gone in time, also what never arrived whole."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import gradio as gr
import pytest
from gradio.state_holder import StateHolder
from gradio_client import Client, handle_file

from gender_audio.ui import retention, singing, tab
from gender_audio.ui.page import MAX_SESSIONS
from tests.browser import serving
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
    retention.delete_old_files(tmp_path, 50)
    assert sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*")) == ["aa", "bb", "bb/new.wav"]
    retention.delete_old_files(tmp_path, 0)
    assert not (tmp_path / "aa").exists()


def test_a_link_goes_and_what_it_points_to_stays(tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "file").write_bytes(b"sound")
    swept = tmp_path / "swept"
    swept.mkdir()
    (swept / "link").symlink_to(precious)
    retention.delete_old_files(swept, -1)
    assert (precious / "file").exists() and not (swept / "link").exists()


def test_what_was_shown_is_forgotten_once_a_visitor_has_left(
    tmp_path: Path, song: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held: list[StateHolder] = []
    monkeypatch.setattr(StateHolder, "__init__", held_in(held, StateHolder.__init__))
    with serving({"singing": FakePipeline()}, tmp_path) as address:
        visits = held[-1]
        assert visits.capacity == MAX_SESSIONS
        client = Client(address, verbose=False)
        for _ in range(2):
            client.predict(handle_file(song), api_name="/classify")
            retention.drop_idle_sessions(visits, 60.0)
            assert song.name in shown(visits)
            retention.drop_idle_sessions(visits, 0.0)
            assert not visits.session_data and not visits.time_last_used


def held_in(held: list[StateHolder], make: Callable[[StateHolder], None]) -> Callable[[StateHolder], None]:
    """The same constructor, which also lists what it makes."""

    def made(self: StateHolder) -> None:
        make(self)
        held.append(self)

    return made


def shown(visits: StateHolder) -> str:
    """All that is kept of what visitors sent and were told."""
    return repr([visit.config_values for visit in visits.session_data.values()])


def test_of_a_recording_that_is_gone_it_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(gr.Error, match="has been deleted by now"):
        tab._judge(singing.TAB, FakePipeline("female"), str(tmp_path / "sung an hour ago.wav"))
