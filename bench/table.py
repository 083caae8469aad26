"""Measurements beside their limits and the reference, as a table."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from rich.table import Table


@dataclass(frozen=True)
class Row:
    """One measurement, its limit, and the reference's value where it does the same, all in one unit."""

    name: str
    measured: float
    limit: float
    reference: float | None
    format: Callable[[float], str]

    def cells(self) -> tuple[str, ...]:
        """Name, measurement, limit and whether it is kept, reference, and reference / measurement."""
        limit = f"{self.format(self.limit)} {'kept' if self.measured <= self.limit else 'EXCEEDED'}"
        if self.reference is None:
            return self.name, self.format(self.measured), limit, "-", "-"
        ratio = f"{self.reference / self.measured:.1f}"
        return self.name, self.format(self.measured), limit, self.format(self.reference), ratio


def table(rows: Iterable[Row], title: str) -> Table:
    """The rows under their headings."""
    built = Table("", "measured", "limit", "reference", "ratio", title=title)
    for row in rows:
        built.add_row(*row.cells())
    return built


def seconds(value: float) -> str:
    """0.1234 becomes 0.123 s."""
    return f"{value:#.3g} s"


def gigabytes(value: float) -> str:
    """1234567890 becomes 1.23 GB."""
    return f"{value / 1e9:.2f} GB"
