"""`manifest.csv` of the shared corpora: a row for each recording, all checked before anything is made of them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from functools import cache, partial
from pathlib import Path

from train.data.readers.csv_listing import Listing, Row, parse_number
from train.data.splits import SPLITS
from train.data.validation import LayoutError

FILE = "manifest.csv"
COLUMNS = ("path", "dataset", "kind", "voice", "singer_id", "song_id", "split", "licence")
"""What every manifest has; some commands need more."""
DURATION = "duration_s"
SOLO = ("male", "female", "unknown")
VOICES_BY_KIND = {
    "singing": SOLO,
    "speech": SOLO,
    "accompaniment": ("none", "unknown"),
    "song": ("male", "female", "none", "unknown"),
}
"""Kind of recording to what its voice may be."""
VOICED_KINDS = ("singing", "speech")
"""Kinds of which it has to be known whose voice is heard: nobody may be on two sides, or sing beside themselves."""


def read_rows(data: Path) -> Sequence[Row]:
    """The rows of `data/manifest.csv`.

    Raises:
        LayoutError: columns are missing, values are none of those that are known, or recordings are not there or listed
            twice; all of it is listed.
        OSError: there is no manifest.
    """
    return _checked(data, _stamp(data), "", ())


def rows_of_kind(data: Path, kind: str, *filled: str) -> Sequence[Row]:
    """The rows of one kind, whose cells in the columns `filled` say something.

    Raises:
        LayoutError, OSError: as `read_rows`; there are none of that kind, or cells are empty.
    """
    found = [row for row in _checked(data, _stamp(data), kind, filled) if row["kind"] == kind]
    if not found:
        raise LayoutError(f"There are no clips of the kind {kind!r} in {data / FILE}.")
    return found


def _stamp(data: Path) -> tuple[int, int]:
    state = (data / FILE).stat()
    return state.st_size, state.st_mtime_ns


# A command asks many times; whether thousands of files are there is looked up once.
@cache
def _checked(data: Path, stamp: tuple[int, int], kind: str, filled: tuple[str, ...]) -> Sequence[Row]:  # noqa: ARG001
    listing = Listing.read(data / FILE)
    problems = listing.problems((*COLUMNS, *filled), partial(_problems, data, kind, filled))
    if set(COLUMNS) <= set(listing.columns):
        problems += listing.repeated("voice")
    if problems:
        raise LayoutError("\n".join(problems))
    return tuple(listing.rows.values())


def _problems(data: Path, wanted: str, filled: Sequence[str], row: Row) -> Iterator[str]:
    kind, voice, split = row["kind"], row["voice"], row["split"]
    if not row["path"]:
        yield "there is no path."
    elif not (path := data / row["path"]).is_file():
        yield f"there is no file {path}."
    if kind not in VOICES_BY_KIND:
        yield f"{kind!r} is no kind; they are {', '.join(VOICES_BY_KIND)}."
    elif voice not in VOICES_BY_KIND[kind]:
        yield f"{voice!r} is no voice of the kind {kind}; they are {', '.join(VOICES_BY_KIND[kind])}."
    if split not in SPLITS:
        yield f"{split!r} is no split; they are {', '.join(SPLITS)}."
    if kind in VOICED_KINDS and not row["singer_id"]:
        yield f"its singer_id is empty; {kind} needs one."
    for column in filled if kind == wanted else ():
        if not row[column]:
            yield f"its {column} is empty."
        elif column == DURATION and not 0 < parse_number(row[column]) < math.inf:
            yield f"{row[column]!r} is no {column}."
