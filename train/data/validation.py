"""What is checked of recordings that others have laid out, so that all that is wrong is said at once."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

from joblib import cpu_count
from tqdm import tqdm

from gender_audio import audio
from gender_audio.audio import AudioError
from gender_audio.weights import digest


class LayoutError(ValueError):
    """The data are not as expected; the text lists every problem, one to a line."""


def find_unreadable(paths: Iterable[Path]) -> list[str]:
    """What is wrong with the recordings that cannot be decoded."""
    wanted = list(paths)
    with ThreadPoolExecutor(cpu_count()) as pool:
        found = tqdm(pool.map(_problem, wanted), total=len(wanted), desc="check", unit="clip", disable=not wanted)
        return [problem for problem in found if problem]


def _problem(path: Path) -> str:
    try:
        audio.read(path)
    except AudioError as error:
        return f"{path}: {error}"
    return ""


def require_writable(folder: Path) -> None:
    """Make sure, before hours are spent on it, that something can be written into a folder; it may still be missing.

    Raises:
        LayoutError: it cannot be made or written to.
    """
    there = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    try:
        with TemporaryDirectory(dir=there):
            pass
    except OSError as error:
        reason = error.strerror if there.is_dir() else "it is no folder"
        raise LayoutError(f"{there}: nothing can be written there ({reason}); choose another folder.") from error


def hash_files(paths: Iterable[Path]) -> dict[Path, str]:
    """SHA-256 of the files that are there, in hex."""
    there = sorted({path for path in paths if path.is_file()})
    with ThreadPoolExecutor(cpu_count()) as pool:
        return dict(zip(there, pool.map(digest, there), strict=True))


def find_duplicates(paths: Iterable[Path], contents: dict[Path, str]) -> list[str]:
    """The recordings that are there twice, under whatever name."""
    first: dict[str, Path] = {}
    problems = []
    for path in paths:
        if path not in contents:
            continue
        if contents[path] in first:
            problems.append(f"{path}: this is the same recording as {first[contents[path]]}.")
        first.setdefault(contents[path], path)
    return problems
