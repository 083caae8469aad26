"""Files and sessions of visitors are deleted in time, including interrupted uploads."""

from __future__ import annotations

import gc
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

import gradio as gr
import pytest
from gradio.state_holder import StateHolder
from gradio_client import Client, handle_file

from gender_audio.ui import retention, singing, tab
from gender_audio.ui.page import MAX_SESSIONS
from gender_audio.ui.retention import Expiring
from tests.browser import serving
from tests.fakes import FakeSingingClassifier


def test_delete_old_files_keeps_new_ones(tmp_path: Path) -> None:
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


def test_delete_old_files_does_not_follow_links(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "file").write_bytes(b"sound")
    visitors = tmp_path / "visitors"
    visitors.mkdir()
    (visitors / "link").symlink_to(outside)
    retention.delete_old_files(visitors, -1)
    assert (outside / "file").exists() and not (visitors / "link").exists()


@pytest.mark.slow
def test_idle_sessions_are_dropped_with_their_results(
    tmp_path: Path, song: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    holders: list[StateHolder] = []
    monkeypatch.setattr(StateHolder, "__init__", recording_init(holders, StateHolder.__init__))
    with serving({"singing": FakeSingingClassifier()}, tmp_path) as address:
        sessions = holders[-1]
        assert sessions.capacity == MAX_SESSIONS
        client = Client(address, verbose=False)
        for _ in range(2):
            client.predict(handle_file(song), api_name="/classify")
            retention.drop_idle_sessions(sessions, 60.0)
            assert song.name in stored(sessions)
            retention.drop_idle_sessions(sessions, 0.0)
            assert not sessions.session_data and not sessions.time_last_used


def recording_init(holders: list[StateHolder], init: Callable[[StateHolder], None]) -> Callable[[StateHolder], None]:
    """A constructor that also appends the new object to the list."""

    def record(self: StateHolder) -> None:
        init(self)
        holders.append(self)

    return record


def stored(sessions: StateHolder) -> str:
    """The data of all sessions, as text."""
    return repr([session.config_values for session in sessions.session_data.values()])


def test_deleted_recording_gets_a_message(tmp_path: Path) -> None:
    with gr.Blocks():
        view = singing.TAB.view({})
    handlers = tab.Handlers(singing.TAB, {"singing": FakeSingingClassifier("female")}, view)
    with pytest.raises(gr.Error) as raised:
        handlers.answer_api(str(tmp_path / "deleted.wav"))
    assert raised.value.message == tab.DELETED


def test_expiring_deletes_its_value() -> None:
    kept, expired = Expiring("features", 60.0), Expiring("features", 0.01)
    deadline = time.monotonic() + 5
    while expired.value is not None and time.monotonic() < deadline:
        time.sleep(0.01)
    assert expired.value is None and kept.value == "features"


def test_expiring_stops_its_timer_when_it_is_collected() -> None:
    before = set(threading.enumerate())
    values = [Expiring("features") for _ in range(20)]
    timers = [thread for thread in set(threading.enumerate()) - before if isinstance(thread, threading.Timer)]
    assert len(timers) == 20
    del values
    gc.collect()
    for timer in timers:
        timer.join(5)
    assert not any(timer.is_alive() for timer in timers)
