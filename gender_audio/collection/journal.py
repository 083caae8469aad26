"""Finished rows, one JSON object a line, written to the disk at once: an interruption loses only the running files."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

from gender_audio.collection.row import Row


class Journal:
    """Appends rows to a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __enter__(self) -> Journal:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        # A line that was cut off by an interruption is ended, so that it cannot spoil the next one.
        unfinished = self.path.exists() and self.path.stat().st_size > 0 and self.path.read_bytes()[-1:] != b"\n"
        self.file = self.path.open("a", encoding="utf8")
        if unfinished:
            self.file.write("\n")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.file.close()

    def append(self, row: Row) -> None:
        """Store a row."""
        self.file.write(json.dumps(row, ensure_ascii=False) + "\n")
        self.file.flush()
        os.fsync(self.file.fileno())


def read_rows(path: Path) -> Iterator[Row]:
    """The complete rows of a journal; lines that were cut off are left out."""
    if not path.exists():
        return
    with path.open(encoding="utf8", errors="replace") as lines:
        for line in lines:
            try:
                row = json.loads(line)
            except ValueError:
                continue
            if isinstance(row, dict) and {"path", "system", "weights"} <= row.keys():
                yield row
