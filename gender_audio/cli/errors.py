"""One line on standard error for each problem, and the exit status."""

from __future__ import annotations

from pathlib import Path
from typing import NoReturn

import typer

from gender_audio.report import printable

UNUSABLE = 2
"""Exit status if an input cannot be used."""


def print_problem(problem: object, path: Path | None = None) -> None:
    """Print a problem on standard error, with the path that it is about in front."""
    prefix = f"{printable(str(path))}: " if path else ""
    typer.echo(f"{prefix}{problem}", err=True)


def fail(problem: object, path: Path | None = None) -> NoReturn:
    """Print a problem and exit."""
    print_problem(problem, path)
    raise typer.Exit(UNUSABLE)
