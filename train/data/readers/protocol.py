"""The rows of the fixed protocol, `remix_test.csv` and `remix_val.csv`. All are checked before any is rendered."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from gender_audio.systems.labels import SINGING
from train.data.readers.csv_listing import Row, parse_number, read_checked

SOURCES = ("voice1", "voice2", "acc1", "acc2")
"""Columns with the path of a recording. The column with `_at` contains the first sample of the three seconds."""
GAINS = ("gain2_db", "acc2_gain_db", "snr_db")
COLUMNS = ("label", "kind", *SOURCES, *(f"{source}_at" for source in SOURCES), *GAINS, "singers")


def read_rows(file: Path, data: Path) -> list[Row]:
    """All rows of a protocol file. The recordings are below `data`.

    Raises:
        LayoutError: columns, rows or recordings are missing, or cells are not a label or a number. The text lists all
            problems.
        OSError: there is no such file.
    """
    return read_checked(file, COLUMNS, partial(_problems, data))


def _problems(data: Path, row: Row) -> Iterator[str]:
    if row["label"] not in SINGING.labels:
        yield f"{row['label']!r} is not a label; labels are {', '.join(SINGING.labels)}."
    if not (row["voice1"] or row["acc1"]):
        yield "voice1 and acc1 are both empty."
    for source in (source for source in SOURCES if row[source]):
        if not (data / row[source]).is_file():
            yield f"there is no file {data / row[source]}."
        if not row[f"{source}_at"].isdecimal():
            yield f"{source}_at is {row[f'{source}_at']!r}, not a sample number."
    for gain in GAINS:
        if row[gain] and not math.isfinite(parse_number(row[gain])):
            yield f"{gain} is {row[gain]!r}, not a level in dB."
