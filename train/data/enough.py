"""Whether recordings are enough to make random remixes of, asked before any of them is decoded."""

from __future__ import annotations

from collections.abc import Sequence

from train.data.library import Source
from train.data.readers import manifest
from train.data.validation import LayoutError

NEEDED = {("accompaniment", "none"): "accompaniment"} | {
    (kind, voice): f"{voice} {kind}" for kind in manifest.VOICED_KINDS for voice in ("male", "female")
}
"""Kind and voice of what some remix is drawn from, in words."""


def check(heard: Sequence[Source]) -> None:
    """Make sure that remixes of every label can be drawn, sung and spoken, those of two voices from two people.

    Raises:
        LayoutError: something is lacking; the text lists all of it.
    """
    there = {(source.kind, source.voice) for source in heard}
    problems = [f"there is no {words} to learn from" for needed, words in NEEDED.items() if needed not in there]
    for kind in manifest.VOICED_KINDS:
        if len({source.singer_id for source in heard if source.kind == kind}) == 1:
            problems.append(f"all {kind} to learn from has the same singer_id; remixes of two voices need another")
    if problems:
        raise LayoutError("\n".join(f"{manifest.FILE}: {problem}." for problem in problems))
