"""Markdown tables, pictures and figures in words."""

from __future__ import annotations

from collections.abc import Callable, Iterable


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A Markdown table."""
    names = list(head)
    lines = [names, ["---"] * len(names), *(list(row) for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def picture(path: object, caption: str) -> str:
    """A picture with its caption below, where everybody sees it."""
    return f"![{caption}]({path})\n\n*{caption}.*"


def percent(share: float, digits: int = 1) -> str:
    """A share in percent."""
    return f"{100 * share:.{digits}f} %"


def rounded(value: float, digits: int = 1) -> float:
    """Rounded, and where nothing is left, without a sign."""
    return round(value, digits) + 0.0


def points(share: float) -> str:
    """A difference of shares in percentage points."""
    return f"{rounded(100 * share):+.1f}"


def decibels(gain: float) -> str:
    """A gain in dB."""
    return f"{rounded(gain):.1f} dB"


def ends(interval: Iterable[float], said: Callable[[float], str] = percent) -> str:
    """An interval in words."""
    return " to ".join(map(said, interval))
