"""The rows of the real yardstick, `real_val.csv` and `real_test.csv`. All are checked before any is rendered."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from gender_audio.systems.labels import SINGING
from train.data.readers.csv_listing import Row, parse_number, read_checked

COLUMNS = ("label", "kind", "dataset", "group", "path1", "start1_s", "path2", "start2_s", "gain2_db")


def read_rows(file: Path, data: Path) -> list[Row]:
    """All rows of a file of the yardstick. The recordings are below `data`.

    Raises:
        LayoutError: columns, rows or recordings are missing, or cells are not a label or a number. The text lists all
            problems.
        OSError: there is no such file.
    """
    return read_checked(file, COLUMNS, partial(_problems, data))


def _problems(data: Path, row: Row) -> Iterator[str]:
    if row["label"] not in SINGING.labels:
        yield f"{row['label']!r} is not a label; labels are {', '.join(SINGING.labels)}."
    for number in ("1", "2") if row["path2"] else ("1",):
        if not (data / row[f"path{number}"]).is_file():
            yield f"there is no file {data / row[f'path{number}']}."
        if not 0 <= parse_number(row[f"start{number}_s"]) < math.inf:
            yield f"start{number}_s is {row[f'start{number}_s']!r}, not a time in seconds."
    if row["path2"] and not math.isfinite(parse_number(row["gain2_db"])):
        yield f"gain2_db is {row['gain2_db']!r}, not a level in dB."
