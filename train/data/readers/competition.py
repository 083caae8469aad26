"""Files of system A's competition: recordings `N.mp3`, a label file, and submissions with `id,category`."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from gender_audio.systems.labels import SINGING
from train.data.labelled_clips import LabelledClip, ReaderResult
from train.data.validation import LayoutError, find_unreadable

CATEGORIES = {str(number): label for number, label in enumerate(SINGING.labels)}
"""Category in a label file or submission to label."""


@dataclass(frozen=True)
class Entry:
    """A recording of the competition; `label` is empty if it is unknown."""

    number: int
    path: Path
    label: str = ""


def read_labels(file: Path) -> list[str]:
    """The label of every line of a label file. Empty lines at its end are ignored.

    Raises:
        LayoutError: the file is missing or empty, or lines are not a category.
    """
    if not file.is_file():
        raise LayoutError(f"{file}: there is no such file.")
    lines = _lines(file)
    if not lines:
        raise LayoutError(f"{file}: there are no labels in this file.")
    known = ", ".join(CATEGORIES)
    wrong = [
        f"{file}, line {number}: {line!r} is not a category; categories are {known}."
        for number, line in enumerate(lines, 1)
        if line not in CATEGORIES
    ]
    if wrong:
        raise LayoutError("\n".join(wrong))
    return [CATEGORIES[line] for line in lines]


def _lines(file: Path) -> list[str]:
    return [line.strip() for line in file.read_text(encoding="utf-8-sig", errors="replace").rstrip().splitlines()]


def read_entries(folder: Path, file: Path | None = None, decode: bool = True) -> list[Entry]:
    """The recordings of a folder, sorted by number, with the labels of a file, one line for each.

    Args:
        decode: also check that every recording can be decoded.

    Raises:
        LayoutError: names are not numbers, numbers occur twice, recordings cannot be decoded, or the number of labels
            differs from the number of recordings. The text lists all problems.
    """
    if not folder.is_dir():
        raise LayoutError(f"{folder}: there is no such folder.")
    paths = sorted(folder.glob("*.mp3"))
    problems = [f"{path}: the name is not a number." for path in paths if not path.stem.isdecimal()]
    by_number: dict[int, Path] = {}
    for path in (path for path in paths if path.stem.isdecimal()):
        if (first := by_number.setdefault(int(path.stem), path)) is not path:
            problems.append(f"{path}: {first.name} has the same number.")
    problems += find_unreadable(by_number.values()) if decode else []
    labels = [""] * len(by_number)
    if file:
        try:
            labels = read_labels(file)
        except LayoutError as error:
            problems.append(str(error))
        if file.is_file() and (count := len(_lines(file))) not in (0, len(by_number)):
            problems.append(f"{file}: {count} labels for {len(by_number)} recordings.")
    if not paths:
        problems.append(f"{folder}: there are no MP3 files.")
    if problems:
        raise LayoutError("\n".join(problems))
    return [Entry(number, by_number[number], label) for number, label in zip(sorted(by_number), labels, strict=True)]


def read_clips(source: Path) -> ReaderResult | None:
    """The recordings in or below a folder with a label file (`*label*.txt`); None if there is no label file.

    If there are several folders with recordings, the one with `train` in its name is used.
    """
    files = sorted(source.glob("*label*.txt"))
    if not files:
        return None
    folders = sorted({path.parent for path in source.rglob("*.mp3")})
    folders = [folder for folder in folders if "train" in folder.name] or folders
    if len(files) > 1 or len(folders) > 1:
        names = ", ".join(str(path) for path in (files if len(files) > 1 else folders))
        return [], [f"{source}: there are several candidates, and it is not clear which to use: {names}."]
    folder = folders[0] if folders else source
    try:
        entries = read_entries(folder, files[0], decode=False)
    except LayoutError as error:
        return [LabelledClip(path, "") for path in sorted(folder.glob("*.mp3"))], str(error).splitlines()
    return [LabelledClip(entry.path, entry.label) for entry in entries], []


def write_submission(predictions: Mapping[int, str], file: Path) -> None:
    """Write the predicted label of every recording, by number, as `id,category`."""
    numbers = {label: number for number, label in CATEGORIES.items()}
    with file.open("w", newline="", encoding="utf8") as lines:
        table = csv.writer(lines)
        table.writerow(["id", "category"])
        table.writerows((number, numbers[label]) for number, label in sorted(predictions.items()))
