"""The files of a collection."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

_PICTURES = ".jpg .jpeg .png .gif .webp .bmp .tif .tiff .ico .svg"
_TEXTS = ".pdf .txt .nfo .log .md .doc .docx .html .htm .xml .json .jsonl .csv .tsv .parquet .journal"
_LISTS = ".cue .m3u .m3u8 .pls .xspf .wpl .sfv .md5 .ffp .accurip .torrent"
_OTHERS = ".lrc .srt .ass .url .ini .db .zip .rar .7z .gz .mid .midi .sid .asd .reapeaks .pk .py .sh .exe"
OTHER = frozenset(" ".join((_PICTURES, _TEXTS, _LISTS, _OTHERS)).split())
"""Suffixes of covers, texts, playlists and other files that are beside recordings."""
PIECE = 2**20


@dataclass(frozen=True)
class Listing:
    """Recordings in a stable order, and the number of files that are no audio."""

    files: list[Path]
    skipped: int


def list_recordings(paths: Iterable[Path], on_error: Callable[[OSError], None]) -> Listing:
    """The files at and below some paths, each once, however it is named; hidden ones are left out.

    Args:
        on_error: called for a folder that cannot be read.
    """
    found: dict[Path, Path] = {}
    skipped = 0
    for path in paths:
        for file in _walk(path, on_error) if path.is_dir() else [path]:
            if file.suffix.lower() in OTHER and path.is_dir():
                skipped += 1
            else:
                found.setdefault(file.resolve(), file)
    return Listing(list(found.values()), skipped)


def _walk(folder: Path, on_error: Callable[[OSError], None]) -> Iterator[Path]:
    for current, subfolders, names in os.walk(folder, onerror=on_error):
        subfolders[:] = sorted(name for name in subfolders if not name.startswith("."))
        yield from (Path(current, name) for name in sorted(names) if not name.startswith("."))


def content_hash(path: Path) -> str:
    """SHA-256 of a file in hex.

    Raises:
        OSError: it cannot be read.
    """
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            digest.update(piece)
    return digest.hexdigest()
