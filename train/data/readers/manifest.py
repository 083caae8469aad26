"""`manifest.csv` of the shared corpora, one row for each recording, and two tables that add to it.

`more.csv` has rows like those of the manifest, and `label_source` besides. `emotify_voices.csv` says what the artists
of songs are known for. Both may be absent. All rows are checked before any is used.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from functools import cache, partial
from pathlib import Path

from gender_audio.systems.labels import SINGING
from train.data.readers.csv_listing import Listing, Row, parse_number, read_checked
from train.data.splits import SPLITS
from train.data.validation import LayoutError

FILE, MORE, ARTISTS = "manifest.csv", "more.csv", "emotify_voices.csv"
COLUMNS = ("path", "dataset", "kind", "voice", "singer_id", "song_id", "split", "licence")
"""Columns of every manifest; some commands need more."""
SOURCE_COLUMN, NAMED, LIKELY, MACHINE = "label_source", "named", "likely", "machine"
"""Where a voice is from: the corpus names it, its artist is most likely known for it, or a model guessed it."""
ARTIST_COLUMNS = ("artist", "voice", "confidence")
CONFIDENCES = ("high", "medium")
DURATION = "duration_s"
SOLO = ("male", "female", "unknown")
VOICES_BY_KIND = {
    "singing": SOLO,
    "speech": SOLO,
    "accompaniment": ("none", "unknown"),
    "song": ("male", "female", "none", "unknown"),
}
"""Kind of recording to the allowed values of its voice. Only in `more.csv`, singing and songs may be `multiple`."""
VOICED_KINDS = ("singing", "speech")
"""Kinds that need a `singer_id`, so that splits are disjoint and duets are of two people."""


def read_rows(data: Path) -> Sequence[Row]:
    """The rows of `data/manifest.csv`.

    Raises:
        LayoutError: columns or files are missing, values are not allowed, or recordings are listed twice. The text
            lists all problems.
        OSError: there is no manifest.
    """
    return _checked(data / FILE, _stamp(data / FILE), "", ())


def rows_of_kind(data: Path, kind: str, *filled: str) -> Sequence[Row]:
    """The rows of `data/manifest.csv` of one kind. Their cells in the columns `filled` are not empty.

    Raises:
        LayoutError, OSError: as `read_rows`; or there is no such row, or cells are empty.
    """
    file = data / FILE
    rows = [row for row in _checked(file, _stamp(file), kind, filled) if row["kind"] == kind]
    if not rows:
        raise LayoutError(f"{file}: there are no clips of the kind {kind!r}.")
    return rows


def read_all_rows(data: Path) -> list[Row]:
    """The rows of `data/manifest.csv` and `data/more.csv`, all with a `label_source`.

    The songs of an artist have a `singer_id`, and the voice that the artist is known for. An artist who is only perhaps
    instrumental stays unknown.

    Raises:
        LayoutError, OSError: as `read_rows`, about all three tables.
    """
    more, artists = data / MORE, data / ARTISTS
    voices: dict[str, tuple[str, str]] = {}
    if artists.is_file():
        for row in _checked_artists(artists, _stamp(artists)):
            certain = row["confidence"] == "high"
            if row["voice"] != "none" or certain:
                voices[row["artist"]] = row["voice"], NAMED if certain else LIKELY
    rows = [{**row, SOURCE_COLUMN: NAMED, **_of_artist(row, voices)} for row in read_rows(data)]
    return [*rows, *(_checked(more, _stamp(more), "", ()) if more.is_file() else ())]


def _of_artist(row: Row, voices: dict[str, tuple[str, str]]) -> dict[str, str]:
    """The cells of a song that its artist decides."""
    artist = row.get("artist", "")
    if row["kind"] != "song" or not artist:
        return {}
    cells = {"singer_id": row["singer_id"] or f"{row['dataset']}:{artist}"}
    if row["voice"] == "unknown" and artist in voices:
        cells["voice"], cells[SOURCE_COLUMN] = voices[artist]
    return cells


def _stamp(file: Path) -> tuple[int, int]:
    state = file.stat()
    return state.st_size, state.st_mtime_ns


# A command reads the manifest many times. Its thousands of files are looked up once.
@cache
def _checked(file: Path, stamp: tuple[int, int], kind: str, filled: tuple[str, ...]) -> Sequence[Row]:  # noqa: ARG001
    listing = Listing.read(file)
    columns = (*COLUMNS, SOURCE_COLUMN) if file.name == MORE else COLUMNS
    problems = listing.problems((*columns, *filled), partial(_problems, file, kind, filled))
    if set(columns) <= set(listing.columns):
        problems += listing.repeated("voice")
    if problems:
        raise LayoutError("\n".join(problems))
    return tuple(listing.rows.values())


@cache
def _checked_artists(file: Path, stamp: tuple[int, int]) -> Sequence[Row]:  # noqa: ARG001
    return read_checked(file, ARTIST_COLUMNS, _artist_problems)


def _artist_problems(row: Row) -> Iterator[str]:
    if row["voice"] not in SINGING.labels:
        yield f"{row['voice']!r} is not a voice; voices are {', '.join(SINGING.labels)}."
    if row["confidence"] not in CONFIDENCES:
        yield f"{row['confidence']!r} is not a confidence; it is {' or '.join(CONFIDENCES)}."


def _problems(file: Path, wanted: str, filled: Sequence[str], row: Row) -> Iterator[str]:
    kind, voice, split = row["kind"], row["voice"], row["split"]
    if not row["path"]:
        yield "the path is empty."
    elif not (path := file.parent / row["path"]).is_file():
        yield f"there is no file {path}."
    several = file.name == MORE and voice == "multiple" and kind in ("singing", "song")
    if kind not in VOICES_BY_KIND:
        yield f"{kind!r} is not a kind; kinds are {', '.join(VOICES_BY_KIND)}."
    elif voice not in VOICES_BY_KIND[kind] and not several:
        yield f"{voice!r} is not a voice of the kind {kind}; voices are {', '.join(VOICES_BY_KIND[kind])}."
    if split not in SPLITS:
        yield f"{split!r} is not a split; splits are {', '.join(SPLITS)}."
    if kind in VOICED_KINDS and not row["singer_id"] and not several:
        yield f"the singer_id is empty; {kind} needs one."
    if file.name == MORE and row[SOURCE_COLUMN] not in (NAMED, MACHINE):
        yield f"{row[SOURCE_COLUMN]!r} is not a {SOURCE_COLUMN}; it is {NAMED} or {MACHINE}."
    for column in filled if kind == wanted else ():
        if not row[column]:
            yield f"the {column} is empty."
        elif column == DURATION and not 0 < parse_number(row[column]) < math.inf:
            yield f"{row[column]!r} is not a {column}."
