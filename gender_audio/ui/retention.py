"""Deletes recordings and results of visitors, from disk and from memory."""

from __future__ import annotations

import time
import weakref
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from threading import Thread, Timer
from typing import Generic, TypeVar

import gradio as gr
from gradio.state_holder import StateHolder

RETENTION_S = 600  # age at which visitors' files are deleted, and time between two checks

Value = TypeVar("Value")


class Expiring(Generic[Value]):
    """A value that is deleted after `seconds`, even if this object is still referenced.

    `gr.State` alone would keep the value for an hour after the page was closed, whatever its `time_to_live`.
    """

    def __init__(self, value: Value, seconds: float = RETENTION_S) -> None:
        self.value: Value | None = value
        timer = Timer(seconds, _expire, [weakref.ref(self)])
        timer.daemon = True
        timer.start()
        weakref.finalize(self, timer.cancel)


def start_cleanup(page: gr.Blocks, folder: Path, seconds: float = RETENTION_S) -> None:
    """Start a thread that deletes old files in a folder and drops idle sessions of a page, every `seconds`.

    Gradio does not delete interrupted uploads. It also keeps the last results of each session in memory until there are
    thousands of newer sessions.
    """

    def clean_up() -> None:
        while True:
            time.sleep(seconds)
            delete_old_files(folder, seconds)
            drop_idle_sessions(page.state_holder, seconds)

    Thread(target=clean_up, daemon=True).start()


def delete_old_files(folder: Path, seconds: float) -> None:
    """Delete files and empty folders below a folder that have not changed for `seconds`."""
    oldest = time.time() - seconds
    for path in sorted(folder.rglob("*"), reverse=True):
        with suppress(OSError):  # the folder is not empty, or the path no longer exists
            if path.lstat().st_mtime < oldest:
                path.rmdir() if path.is_dir() and not path.is_symlink() else path.unlink()


def drop_idle_sessions(sessions: StateHolder, seconds: float) -> None:
    """Drop the data of sessions without a request for `seconds`; visitors who return start a new session."""
    oldest = datetime.now() - timedelta(seconds=seconds)
    for session, last_used in list(sessions.time_last_used.items()):
        if last_used < oldest:
            sessions.session_data.pop(session, None)
            sessions.time_last_used.pop(session, None)


def _expire(reference: weakref.ref[Expiring[Value]]) -> None:
    expiring = reference()
    if expiring is not None:
        expiring.value = None
