"""Rows as CSV, JSON lines or Parquet; the suffix of the file decides."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from pathlib import Path

from gender_audio.atomic_write import atomic_write
from gender_audio.collection.row import Row

SUFFIXES = (".csv", ".jsonl", ".parquet")
NO_PARQUET = "Parquet needs pyarrow: run `pip install 'gender-audio[collections]'`, or choose .csv or .jsonl."


def check(path: Path) -> None:
    """Check before any work that rows can be written to this file.

    Raises:
        ValueError: its suffix is unknown, or pyarrow is not installed; the text says what to do.
    """
    if path.suffix not in SUFFIXES:
        raise ValueError(f"{path.name} must end in {', '.join(SUFFIXES[:-1])} or {SUFFIXES[-1]}.")
    if path.suffix == ".parquet":
        try:
            import pyarrow.parquet  # noqa: F401
        except ImportError as error:
            raise ValueError(NO_PARQUET) from error


def write(path: Path, columns: Sequence[str], rows: Sequence[Row]) -> None:
    """Write all rows; an older file is replaced only when the new one is complete.

    Raises:
        OSError: the file cannot be written.
    """
    with atomic_write(path) as temporary:
        if path.suffix == ".csv":
            with temporary.open("w", newline="", encoding="utf8") as file:
                writer = csv.DictWriter(file, columns)
                writer.writeheader()
                writer.writerows(rows)
        elif path.suffix == ".jsonl":
            lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
            temporary.write_text("".join(lines), encoding="utf8")
        else:
            import pyarrow
            from pyarrow import parquet

            parquet.write_table(pyarrow.table({name: [row[name] for row in rows] for name in columns}), temporary)
