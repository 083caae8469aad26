"""A table of measurements, their limits and the reference."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from rich.table import Table


@dataclass(frozen=True)
class Row:
    """One measurement, its limit, and the value of the reference (None if it has none), all in the same unit."""

    name: str
    measured: float
    limit: float
    reference: float | None
    format: Callable[[float], str]

    def cells(self) -> tuple[str, ...]:
        """Name, measurement, limit and whether it is met, reference, and reference / measurement."""
        limit = f"{self.format(self.limit)} {'met' if self.measured <= self.limit else 'EXCEEDED'}"
        if self.reference is None:
            return self.name, self.format(self.measured), limit, "-", "-"
        ratio = f"{self.reference / self.measured:.1f}"
        return self.name, self.format(self.measured), limit, self.format(self.reference), ratio


def table(rows: Iterable[Row], title: str) -> Table:
    """The rows as a table for a terminal."""
    result = Table("", "measured", "limit", "reference", "ratio", title=title)
    for row in rows:
        result.add_row(*row.cells())
    return result


def seconds(value: float) -> str:
    """0.1234 becomes 0.123 s."""
    return f"{value:#.3g} s"


def gigabytes(value: float) -> str:
    """1234567890 becomes 1.23 GB."""
    return f"{value / 1e9:.2f} GB"
