"""Recordings listed in a CSV with `path` and `label`, or in the manifest of the shared corpora."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from gender_audio.systems.labels import SINGING
from train.data.corpus import read_sources
from train.data.labelled_clips import LabelledClip, ReaderResult
from train.data.readers import manifest
from train.data.readers.csv_listing import Listing, Row
from train.data.splits import SPLITS
from train.data.validation import LayoutError

REQUIRED_COLUMNS = ("path", "label")
OPTIONAL_COLUMNS = ("label", "singer", "song", "split")
MANIFEST_COLUMNS = {"dataset", "singer_id", "voice"}
"""Columns that identify the manifest of the shared corpora; one of them may be missing."""


def read_clips(source: Path) -> ReaderResult | None:
    """The rows of a CSV, or of `manifest.csv` in a folder; None if there is neither.

    The columns are `path` (relative to the CSV) and `label`; `singer`, `song` and `split` are optional.
    """
    file = source / manifest.FILE if source.is_dir() else source
    if not file.is_file() or file.suffix.lower() != ".csv":
        return None
    try:
        listing = Listing.read(file)
        if (
            file.name == manifest.FILE
            and "label" not in listing.columns
            and len(MANIFEST_COLUMNS & set(listing.columns)) > 1
        ):
            return _shared(file.parent), []
    except LayoutError as error:
        return [], str(error).splitlines()
    problems = listing.problems(REQUIRED_COLUMNS, _problems)
    if not set(REQUIRED_COLUMNS) <= set(listing.columns):
        return [], problems
    clips = [_clip(file.parent, row) for row in listing.rows.values() if row["path"]]
    return clips, [*problems, *_without_split(listing), *listing.repeated("label")]


def _clip(folder: Path, row: Row) -> LabelledClip:
    label, singer, song, split = (row.get(name, "") for name in OPTIONAL_COLUMNS)
    return LabelledClip(folder / row["path"], label.lower(), singer, song, split.lower())


def _problems(row: Row) -> Iterator[str]:
    if not row["path"]:
        yield "the path is empty."
    if row["label"].lower() not in SINGING.labels:
        yield f"{row['label']!r} is not a label; labels are {', '.join(SINGING.labels)}."
    if (split := row.get("split", "")).lower() not in ("", *SPLITS):
        yield f"{split!r} is not a split; splits are {', '.join(SPLITS)}."


def _without_split(listing: Listing) -> Iterator[str]:
    without = [number for number, row in listing.rows.items() if not row.get("split")]
    if 0 < len(without) < len(listing.rows):
        problem = f"{len(without)} rows have no split (the first is line {without[0]}); give all a split, or none."
        yield f"{listing.file}: {problem}"


def _shared(data: Path) -> list[LabelledClip]:
    """The solo voices and accompaniments of the shared corpora. None of them is labelled `multiple`."""
    return [
        LabelledClip(data / source.path, source.voice, source.singer_id, source.song_id, side)
        for side in SPLITS
        for source in read_sources(data, side)
        if source.kind in ("singing", "accompaniment")
    ]
