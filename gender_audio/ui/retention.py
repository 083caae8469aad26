"""How long the page keeps what visitors sent."""

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

RETENTION_S = 600  # s; files of visitors that are older are deleted, and one looks for them as often

Thing = TypeVar("Thing")


class Expiring(Generic[Thing]):
    """Something that forgets itself after `seconds`, whoever still holds it.

    `gr.State` alone would keep it for an hour after its page was closed, whatever its `time_to_live`.
    """

    def __init__(self, thing: Thing, seconds: float = RETENTION_S) -> None:
        self.thing: Thing | None = thing
        timer = Timer(seconds, _forget, [weakref.ref(self)])
        timer.daemon = True
        timer.start()
        weakref.finalize(self, timer.cancel)


def start_cleanup(page: gr.Blocks, folder: Path, seconds: float = RETENTION_S) -> None:
    """Sweep a folder, and the visits to a page that is launched by then, as often as they are kept.

    Gradio deletes the files that it knows of, and of an upload that broke off it knows nothing. What a visitor was
    shown last it keeps in memory until thousands of others have come.
    """

    def go_on() -> None:
        while True:
            time.sleep(seconds)
            delete_old_files(folder, seconds)
            drop_idle_sessions(page.state_holder, seconds)

    Thread(target=go_on, daemon=True).start()


def delete_old_files(folder: Path, seconds: float) -> None:
    """Delete the files under a folder, and the empty folders, that have not changed for so long."""
    oldest = time.time() - seconds
    for path in sorted(folder.rglob("*"), reverse=True):
        with suppress(OSError):  # a folder that is not empty, or what has gone by now
            if path.lstat().st_mtime < oldest:
                path.rmdir() if path.is_dir() and not path.is_symlink() else path.unlink()


def drop_idle_sessions(visits: StateHolder, seconds: float) -> None:
    """Drop what is kept of visitors who have asked for nothing for so long; should they go on, they begin anew."""
    oldest = datetime.now() - timedelta(seconds=seconds)
    for visit, last in list(visits.time_last_used.items()):
        if last < oldest:
            visits.session_data.pop(visit, None)
            visits.time_last_used.pop(visit, None)


def _forget(held: weakref.ref[Expiring[Thing]]) -> None:
    fleeting = held()
    if fleeting is not None:
        fleeting.thing = None
