"""Recordings in one folder for each label: `none`, `male`, `female`, `multiple`."""

from __future__ import annotations

from pathlib import Path

from gender_audio.systems.labels import SINGING
from train.data.labelled_clips import LabelledClip, ReaderResult
from train.data.songs import artist_of, list_files


def read_clips(source: Path) -> ReaderResult | None:
    """All files below the folders that are named after labels, in any case; None if there is no such folder.

    Hidden files, and files beside the folders, are ignored.
    """
    folders = sorted(path for path in source.glob("*") if path.is_dir() and not path.name.startswith("."))
    if not any(folder.name.lower() in SINGING.labels for folder in folders):
        return None
    clips, problems = [], []
    for folder in folders:
        label = folder.name.lower()
        paths = list_files(folder)
        if label not in SINGING.labels:
            problems.append(f"{folder}: {folder.name!r} is not a label; labels are {', '.join(SINGING.labels)}.")
        elif not paths:
            problems.append(f"{folder}: there are no recordings in this folder.")
        else:
            clips += [LabelledClip(path, label, singer_of(path, folder)) for path in paths]
    return clips, problems


def singer_of(path: Path, folder: Path) -> str:
    """The singer: the folder below that of the label, else the file name before ` - ` or the first `_`, else empty."""
    name, line, _ = path.stem.partition("_")
    if path.parent != folder or " - " in path.stem:
        return artist_of(path, folder)
    return name if line else ""
