"""Checks of files and folders that users provide. All problems are reported at once."""

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
    """The data do not have the expected layout. The text lists every problem, one per line."""


def find_unreadable(paths: Iterable[Path]) -> list[str]:
    """One message for each recording that cannot be decoded."""
    files = list(paths)
    with ThreadPoolExecutor(cpu_count()) as pool:
        problems = tqdm(pool.map(_problem, files), total=len(files), desc="check", unit="clip", disable=not files)
        return [problem for problem in problems if problem]


def _problem(path: Path) -> str:
    try:
        audio.read(path)
    except AudioError as error:
        return f"{path}: {error}"
    return ""


def require_writable(folder: Path) -> None:
    """Check that files can be written into a folder, which need not exist yet.

    Raises:
        LayoutError: the folder cannot be created or written to.
    """
    existing = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    try:
        with TemporaryDirectory(dir=existing):
            pass
    except OSError as error:
        reason = error.strerror if existing.is_dir() else "it is not a folder"
        raise LayoutError(f"{existing}: this is not writable ({reason}). Choose another folder.") from error


def hash_files(paths: Iterable[Path]) -> dict[Path, str]:
    """SHA-256, in hex, of the files that exist."""
    existing = sorted({path for path in paths if path.is_file()})
    with ThreadPoolExecutor(cpu_count()) as pool:
        return dict(zip(existing, pool.map(digest, existing), strict=True))


def find_duplicates(paths: Iterable[Path], hashes: dict[Path, str]) -> list[str]:
    """One message for each file with the same content as an earlier file."""
    first: dict[str, Path] = {}
    problems = []
    for path in paths:
        if path not in hashes:
            continue
        if hashes[path] in first:
            problems.append(f"{path}: this is the same recording as {first[hashes[path]]}.")
        first.setdefault(hashes[path], path)
    return problems
