"""Recordings listed in a CSV: its rows and its problems."""

from __future__ import annotations

import csv
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from train.data.validation import LayoutError

Row = Mapping[str, str]
"""Column to cell, stripped; empty if the line has fewer cells."""


@dataclass(frozen=True)
class Listing:
    """A CSV: the columns of its first line, and the cells of every row by line number."""

    file: Path
    columns: tuple[str, ...]
    lines: Mapping[int, tuple[str, ...]]

    @classmethod
    def read(cls, file: Path) -> Listing:
        """Read a CSV.

        Raises:
            LayoutError: the file is not a CSV in UTF-8.
            OSError: the file cannot be opened.
        """
        try:
            with file.open(newline="", encoding="utf-8-sig") as text:
                table = csv.reader(text)
                columns = tuple(next(table, ()))
                lines = [(table.line_num, tuple(cell.strip() for cell in cells)) for cells in table if cells]
        except (UnicodeDecodeError, csv.Error) as error:
            raise LayoutError(f"{file}: this is not a CSV in UTF-8.") from error
        return cls(file, columns, dict(lines))

    @property
    def rows(self) -> dict[int, Row]:
        """Line number to row."""
        empty = dict.fromkeys(self.columns, "")
        return {number: empty | dict(zip(self.columns, cells, strict=False)) for number, cells in self.lines.items()}

    def problems(self, needed: Iterable[str], check: Callable[[Row], Iterable[str]]) -> list[str]:
        """Problems of the file: missing columns, or else the problems that `check` finds in each row."""
        missing = [name for name in needed if name not in self.columns]
        if missing:
            return [f"{self.file}: there is no column {name!r} in the first line." for name in missing]
        if not self.lines:
            return [f"{self.file}: this file lists no clips."]
        return [
            f"{self._at(number)}: {problem}"
            for number, row in self.rows.items()
            for problem in self._line(number, row, check)
        ]

    def _line(self, number: int, row: Row, check: Callable[[Row], Iterable[str]]) -> Iterable[str]:
        if any(self.lines[number][len(self.columns) :]):
            return ["there are more cells than columns; put quotation marks around cells that contain a comma."]
        return check(row)

    def repeated(self, label: str) -> Iterator[str]:
        """Problems of rows with the path of an earlier row; `label` is the column of their label."""
        first: dict[str, int] = {}
        rows = self.rows
        for number, row in rows.items():
            before = first.setdefault(row["path"], number)
            if row["path"] and before != number:
                first_label, this_label = rows[before][label].lower(), row[label].lower()
                differ = (
                    ""
                    if first_label == this_label
                    else f", but the {label} is {this_label!r} here and {first_label!r} there"
                )
                yield f"{self._at(number)}: {row['path']} is the same recording as in line {before}{differ}."

    def _at(self, number: int) -> str:
        return f"{self.file}, line {number}"


def read_checked(file: Path, needed: Iterable[str], check: Callable[[Row], Iterable[str]]) -> list[Row]:
    """All rows of a CSV that has the columns `needed` and in whose rows `check` finds no problem.

    Raises:
        LayoutError: as `Listing.read`; or there are problems. The text lists all of them.
        OSError: the file cannot be opened.
    """
    listing = Listing.read(file)
    if problems := listing.problems(needed, check):
        raise LayoutError("\n".join(problems))
    return list(listing.rows.values())


def parse_number(text: str) -> float:
    """The number in a cell; NaN if it is not a number."""
    try:
        return float(text)
    except ValueError:
        return math.nan
