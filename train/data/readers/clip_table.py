"""Recordings listed in a CSV: one's own (`path`, `label`, and more if known), or the shared corpora's manifest."""

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

NEEDED = ("path", "label")
OWN = ("label", "singer", "song", "split")
SHARED = {"dataset", "singer_id", "voice"}
"""What the shared corpora's manifest is known by; one of them may have been forgotten."""


def read_clips(source: Path) -> ReaderResult | None:
    """The rows of a CSV, or of `manifest.csv` in a folder; None if there is neither.

    Columns are `path` (relative to the CSV), `label`, and as far as they are known `singer`, `song` and `split`.
    """
    file = source / manifest.FILE if source.is_dir() else source
    if not file.is_file() or file.suffix.lower() != ".csv":
        return None
    try:
        listing = Listing.read(file)
        if file.name == manifest.FILE and "label" not in listing.columns and len(SHARED & set(listing.columns)) > 1:
            return _shared(file.parent), []
    except LayoutError as error:
        return [], str(error).splitlines()
    problems = listing.problems(NEEDED, _problems)
    if not set(NEEDED) <= set(listing.columns):
        return [], problems
    clips = [_clip(file.parent, row) for row in listing.rows.values() if row["path"]]
    return clips, [*problems, *_without_split(listing), *listing.repeated("label")]


def _clip(folder: Path, row: Row) -> LabelledClip:
    label, singer, song, split = (row.get(name, "") for name in OWN)
    return LabelledClip(folder / row["path"], label.lower(), singer, song, split.lower())


def _problems(row: Row) -> Iterator[str]:
    if not row["path"]:
        yield "there is no path."
    if row["label"].lower() not in SINGING.labels:
        yield f"{row['label']!r} is no label; they are {', '.join(SINGING.labels)}."
    if (split := row.get("split", "")).lower() not in ("", *SPLITS):
        yield f"{split!r} is no split; they are {', '.join(SPLITS)}."


def _without_split(listing: Listing) -> Iterator[str]:
    without = [number for number, row in listing.rows.items() if not row.get("split")]
    if 0 < len(without) < len(listing.rows):
        words = f"{len(without)} rows have no split (line {without[0]} is the first); give it to all, or to none."
        yield f"{listing.file}: {words}"


def _shared(data: Path) -> list[LabelledClip]:
    """The solo voices and accompaniments of the shared corpora, each as it is; nothing there is labelled `multiple`."""
    return [
        LabelledClip(data / source.path, source.voice, source.singer_id, source.song_id, side)
        for side in SPLITS
        for source in read_sources(data, side)
        if source.kind in ("singing", "accompaniment")
    ]
