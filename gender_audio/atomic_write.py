"""Atomic writing of files and folders: they exist complete or not at all, so caches can be trusted."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory


@contextmanager
def atomic_write(path: Path) -> Iterator[Path]:
    """A temporary path for a file or folder that is moved to `path` at the end; after an exception nothing is left.

    If another process was faster, its file is replaced, but its folder is kept because it may be in use.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=path.parent, prefix="unfinished-") as folder:
        temporary = Path(folder) / path.name
        yield temporary
        try:
            temporary.replace(path)
        except OSError:
            if not (temporary.is_dir() and path.is_dir()):
                raise
