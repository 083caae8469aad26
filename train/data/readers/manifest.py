"""`manifest.csv` of the shared corpora, one row for each recording. All rows are checked before any is used."""

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
"""Columns of every manifest; some commands need more."""
DURATION = "duration_s"
SOLO = ("male", "female", "unknown")
VOICES_BY_KIND = {
    "singing": SOLO,
    "speech": SOLO,
    "accompaniment": ("none", "unknown"),
    "song": ("male", "female", "none", "unknown"),
}
"""Kind of recording to the allowed values of its voice."""
VOICED_KINDS = ("singing", "speech")
"""Kinds that need a `singer_id`, so that splits are disjoint and duets are of two people."""


def read_rows(data: Path) -> Sequence[Row]:
    """The rows of `data/manifest.csv`.

    Raises:
        LayoutError: columns or files are missing, values are not allowed, or recordings are listed twice. The text
            lists all problems.
        OSError: there is no manifest.
    """
    return _checked(data, _stamp(data), "", ())


def rows_of_kind(data: Path, kind: str, *filled: str) -> Sequence[Row]:
    """The rows of one kind. Their cells in the columns `filled` are not empty.

    Raises:
        LayoutError, OSError: as `read_rows`; or there is no such row, or cells are empty.
    """
    rows = [row for row in _checked(data, _stamp(data), kind, filled) if row["kind"] == kind]
    if not rows:
        raise LayoutError(f"{data / FILE}: there are no clips of the kind {kind!r}.")
    return rows


def _stamp(data: Path) -> tuple[int, int]:
    state = (data / FILE).stat()
    return state.st_size, state.st_mtime_ns


# A command reads the manifest many times. Its thousands of files are looked up once.
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
        yield "the path is empty."
    elif not (path := data / row["path"]).is_file():
        yield f"there is no file {path}."
    if kind not in VOICES_BY_KIND:
        yield f"{kind!r} is not a kind; kinds are {', '.join(VOICES_BY_KIND)}."
    elif voice not in VOICES_BY_KIND[kind]:
        yield f"{voice!r} is not a voice of the kind {kind}; voices are {', '.join(VOICES_BY_KIND[kind])}."
    if split not in SPLITS:
        yield f"{split!r} is not a split; splits are {', '.join(SPLITS)}."
    if kind in VOICED_KINDS and not row["singer_id"]:
        yield f"the singer_id is empty; {kind} needs one."
    for column in filled if kind == wanted else ():
        if not row[column]:
            yield f"the {column} is empty."
        elif column == DURATION and not 0 < parse_number(row[column]) < math.inf:
            yield f"{row[column]!r} is not a {column}."
