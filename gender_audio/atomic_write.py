"""Files and folders that are there complete or not at all: a cache is taken as it is found."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory


@contextmanager
def atomic_write(path: Path) -> Iterator[Path]:
    """Where to write a file, or make a folder, that is moved to `path` at the end; what fails before leaves nothing.

    Where another process was first, its file is replaced, but its folder stays: it may be in use.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=path.parent, prefix="unfinished-") as beside:
        made = Path(beside) / path.name
        yield made
        try:
            made.replace(path)
        except OSError:
            if not (made.is_dir() and path.is_dir()):
                raise
