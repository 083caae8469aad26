"""Recordings listed in a CSV: its rows, and what is wrong with such a list, whoever keeps it."""

from __future__ import annotations

import csv
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from train.data.validation import LayoutError

Row = Mapping[str, str]
"""Column to cell, without spaces around it; empty where the line ends before."""


@dataclass(frozen=True)
class Listing:
    """What a CSV says: the columns that its first line names, and the cells of every row by the number of its line."""

    file: Path
    columns: tuple[str, ...]
    lines: Mapping[int, tuple[str, ...]]

    @classmethod
    def read(cls, file: Path) -> Listing:
        """Read a CSV.

        Raises:
            LayoutError: it is none, or not in UTF-8.
            OSError: it cannot be opened.
        """
        try:
            with file.open(newline="", encoding="utf-8-sig") as text:
                table = csv.reader(text)
                columns = tuple(next(table, ()))
                lines = [(table.line_num, tuple(cell.strip() for cell in cells)) for cells in table if cells]
        except (UnicodeDecodeError, csv.Error) as error:
            raise LayoutError(f"{file}: this is no CSV in UTF-8.") from error
        return cls(file, columns, dict(lines))

    @property
    def rows(self) -> dict[int, Row]:
        """Every row by the number of its line."""
        empty = dict.fromkeys(self.columns, "")
        return {number: empty | dict(zip(self.columns, cells, strict=False)) for number, cells in self.lines.items()}

    def problems(self, needed: Iterable[str], of: Callable[[Row], Iterable[str]]) -> list[str]:
        """What is wrong with it: columns that are needed and not there, or else what `of` finds in each row."""
        missing = [name for name in needed if name not in self.columns]
        if missing:
            return [f"{self.file}: there is no column {name!r} in its first line." for name in missing]
        if not self.lines:
            return [f"{self.file}: there are no clips in it."]
        return [
            f"{self._at(number)}: {words}" for number, row in self.rows.items() for words in self._line(number, row, of)
        ]

    def _line(self, number: int, row: Row, of: Callable[[Row], Iterable[str]]) -> Iterable[str]:
        if any(self.lines[number][len(self.columns) :]):
            return ["there are more cells than columns; put quotation marks around a cell with a comma in it."]
        return of(row)

    def repeated(self, label: str) -> Iterator[str]:
        """The rows with the path of an earlier one; `label` is the column that says what is heard there."""
        first: dict[str, int] = {}
        rows = self.rows
        for number, row in rows.items():
            before = first.setdefault(row["path"], number)
            if row["path"] and before != number:
                one, other = rows[before][label].lower(), row[label].lower()
                differ = "" if one == other else f", but its {label} is {other!r} here and {one!r} there"
                yield f"{self._at(number)}: {row['path']} is the same recording as in line {before}{differ}."

    def _at(self, number: int) -> str:
        return f"{self.file}, line {number}"


def parse_number(text: str) -> float:
    """What a cell says as a number; NaN where it says none."""
    try:
        return float(text)
    except ValueError:
        return math.nan
