"""How long the page keeps what visitors sent."""

from __future__ import annotations

import weakref
from threading import Timer
from typing import Generic, TypeVar

KEPT_S = 600  # s; files of visitors that are older are deleted, and one looks for them as often

Thing = TypeVar("Thing")


class Fleeting(Generic[Thing]):
    """Something that forgets itself after `seconds`, whoever still holds it.

    `gr.State` alone would keep it for an hour after its page was closed, whatever its `time_to_live`.
    """

    def __init__(self, thing: Thing, seconds: float = KEPT_S) -> None:
        self.thing: Thing | None = thing
        timer = Timer(seconds, _forget, [weakref.ref(self)])
        timer.daemon = True
        timer.start()
        weakref.finalize(self, timer.cancel)


def _forget(held: weakref.ref[Fleeting[Thing]]) -> None:
    fleeting = held()
    if fleeting is not None:
        fleeting.thing = None
