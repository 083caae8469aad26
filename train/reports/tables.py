"""Markdown tables and images, and numbers formatted for them."""

from __future__ import annotations

from collections.abc import Callable, Iterable

MIN_GROUPS = 10
"""With fewer singers or speakers than this, a report gives no interval: it would say little about other people."""


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A Markdown table."""
    names = list(head)
    lines = [names, ["---"] * len(names), *(list(row) for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def image(path: object, caption: str) -> str:
    """An image with a visible caption below."""
    return f"![{caption}]({path})\n\n*{caption}.*"


def percent(share: float, digits: int = 1) -> str:
    """A share in percent."""
    return f"{100 * share:.{digits}f} %"


def rounded(value: float, digits: int = 1) -> float:
    """Rounded; never a negative zero."""
    return round(value, digits) + 0.0


def points(share: float) -> str:
    """A difference of shares in percentage points."""
    return f"{rounded(100 * share):+.1f}"


def decibels(gain: float) -> str:
    """A gain in dB."""
    return f"{rounded(gain):.1f} dB"


def value_range(ends: Iterable[float], number_format: Callable[[float], str] = percent) -> str:
    """The lower and the upper end of an interval."""
    return " to ".join(map(number_format, ends))
