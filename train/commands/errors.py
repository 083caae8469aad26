"""Turn the errors of a command into a readable message and exit status 2."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import typer

from gender_audio.weights import WeightsError
from train.data.splits import SplitError
from train.data.validation import LayoutError, require_writable


@contextmanager
def report_errors(out: Path | None = None) -> Iterator[None]:
    """Print errors of data and weights, or that `out` exists or cannot be written, and exit with status 2."""
    try:
        if out and out.exists():
            raise LayoutError(f"{out} exists already; choose another name.")
        if out:
            require_writable(out.parent)
        yield
    except (LayoutError, SplitError, WeightsError, OSError) as error:
        typer.echo(_message(error), err=True)
        raise typer.Exit(2) from error


def _message(error: Exception) -> str:
    if isinstance(error, OSError) and error.filename:
        return f"{error.filename}: {error.strerror}."
    return str(error)
