"""Recordings listed in a CSV: one's own (`path`, `label`, and more if known), or the shared corpora's manifest."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from pathlib import Path

from gender_audio.systems import SINGER
from train.data.clips import Found, LabelledClip
from train.data.library import Source, sources
from train.data.splits import SIDES

MANIFEST = "manifest.csv"
NEEDED = ("path", "label")


def find(source: Path) -> Found | None:
    """The rows of a CSV, or of `manifest.csv` in a folder; None if there is neither.

    Columns are `path` (relative to the CSV), `label`, and as far as they are known `singer`, `song` and `split`.
    """
    file = source / MANIFEST if source.is_dir() else source
    if not file.is_file() or file.suffix.lower() != ".csv":
        return None
    try:
        with file.open(newline="", encoding="utf-8-sig") as lines:
            table = csv.DictReader(lines)
            head = table.fieldnames or []
            rows = [(table.line_num, row) for row in table]
    except (UnicodeDecodeError, csv.Error):
        return [], [f"{file}: this is no CSV in UTF-8."]
    if file.name == MANIFEST and "label" not in head and Source.__dataclass_fields__.keys() <= set(head):
        return _shared(file.parent), []
    missing = [name for name in NEEDED if name not in head]
    if missing:
        return [], [f"{file}: there is no column {name!r} in its first line." for name in missing]
    clips = {number: _clip(file.parent, row) for number, row in rows}
    return list(clips.values()), list(_problems(file, clips))


def _clip(folder: Path, row: Mapping[str, str | None]) -> LabelledClip:
    path, label, singer, song, split = (
        (row.get(name) or "").strip() for name in ("path", "label", "singer", "song", "split")
    )
    return LabelledClip(folder / path, label.lower(), singer, song, split.lower())


def _problems(file: Path, clips: Mapping[int, LabelledClip]) -> Iterator[str]:
    for number, clip in clips.items():
        if clip.label not in SINGER.labels:
            yield f"{file}, line {number}: {clip.label!r} is no label; they are {', '.join(SINGER.labels)}."
        if clip.split not in ("", *SIDES):
            yield f"{file}, line {number}: {clip.split!r} is no split; they are {', '.join(SIDES)}."
    without = [number for number, clip in clips.items() if not clip.split]
    if 0 < len(without) < len(clips):
        yield f"{file}: {len(without)} rows have no split (line {without[0]} is the first); give it to all, or to none."


def _shared(data: Path) -> list[LabelledClip]:
    """The solo voices and accompaniments of the shared corpora, each as it is; nothing there is labelled `multiple`."""
    return [
        LabelledClip(data / source.path, source.voice, source.singer_id, source.song_id, side)
        for side in SIDES
        for source in sources(data, side)
        if source.kind in ("singing", "accompaniment")
    ]
