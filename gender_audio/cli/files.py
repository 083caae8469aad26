"""The files to classify: the given files, and those in the given folders."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from shutil import copyfileobj
from tempfile import TemporaryDirectory

from gender_audio.audio import Clip, read
from gender_audio.cli.errors import print_problem

STANDARD_INPUT = Path("-")


def find_files(paths: list[Path]) -> tuple[list[Path], int]:
    """The files to classify, sorted within each folder, and the number of unusable folders (empty, or not readable)."""
    files: list[Path] = []
    unusable: list[Path] = []

    def report_unreadable(error: OSError) -> None:
        unusable.append(Path(error.filename))
        print_problem("This folder cannot be opened; please check that you are allowed to read it.", unusable[-1])

    for path in paths:
        if not _is_folder(path):
            files.append(path)
            continue
        before = len(unusable)
        contents = sorted(_walk(path, report_unreadable))
        if not contents and len(unusable) == before:
            unusable.append(path)
            print_problem("There are no files in this folder.", path)
        files += contents
    return files, len(unusable)


def read_input(path: Path) -> Clip:
    """The recording in a file, or in standard input if the path is `-`.

    Raises:
        AudioError: it cannot be used.
    """
    if path != STANDARD_INPUT:
        return read(path)
    with TemporaryDirectory() as folder:
        file = Path(folder, "standard input")
        with file.open("wb") as target:
            copyfileobj(sys.stdin.buffer, target)
        return read(file)


def _walk(path: Path, on_error: Callable[[OSError], None]) -> Iterator[Path]:
    """The files below a folder, except hidden ones. Links are followed; each folder is visited once."""
    visited = set()
    for folder, subfolders, names in os.walk(path, onerror=on_error, followlinks=True):
        real = os.path.realpath(folder)
        if real in visited:
            subfolders.clear()
            continue
        visited.add(real)
        subfolders[:] = [name for name in subfolders if not name.startswith(".")]
        yield from (Path(folder, name) for name in names if not name.startswith("."))


def _is_folder(path: Path) -> bool:
    """Whether the path is a folder; False if it cannot be checked, so that `audio.read` reports the reason."""
    try:
        return path.is_dir()
    except OSError:
        return False
