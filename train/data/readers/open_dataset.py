"""Open labelled clips in any supported layout."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from itertools import chain
from pathlib import Path

from train.data.labelled_clips import LabelledClip
from train.data.readers import class_folders, clip_table, competition, mir1k
from train.data.validation import LayoutError, find_duplicates, find_unreadable, hash_files

READERS = (clip_table.read_clips, competition.read_clips, class_folders.read_clips, mir1k.read_clips)
UNKNOWN_LAYOUT = (
    "{}: there are no labelled clips in a supported layout. Supported are folders named none, male, female or "
    "multiple; a CSV with the columns path and label (in a folder, manifest.csv); N.mp3 with a *label*.txt that has "
    "one number per line; and the Wavfile folder of MIR-1K."
)


def open_clips(source: Path, is_cached: Callable[[LabelledClip], bool] = lambda clip: False) -> list[LabelledClip]:
    """The labelled clips of a folder or CSV in any supported layout, with their `content`.

    Args:
        is_cached: clips for which it is true are not decoded to check whether they can be.

    Raises:
        LayoutError: files are missing, duplicate or cannot be decoded, or the reader of the layout reports problems.
            The text lists all of them.
    """
    result = next((result for read in READERS if (result := read(source)) is not None), None)
    if result is None:
        raise LayoutError(
            UNKNOWN_LAYOUT.format(source) if source.exists() else f"{source}: there is no such file or folder."
        )
    clips, problems = result
    # Stems may be used in several clips, any other file in one.
    stems = sorted(set(chain.from_iterable(clip.files for clip in clips if clip.voices is not None)))
    files = list(dict.fromkeys([*stems, *(clip.path for clip in clips if clip.voices is None)]))
    hashes = hash_files(files)
    problems += [f"{path}: there is no such file." for path in files if path not in hashes]
    problems += find_duplicates(files, hashes)
    clips = [replace(clip, content=_content(clip, hashes)) for clip in clips if hashes.keys() >= set(clip.files)]
    problems += find_unreadable(sorted({path for clip in clips if not is_cached(clip) for path in clip.files}))
    if not clips and not problems:
        problems.append(f"{source}: there are no clips.")
    if problems:
        raise LayoutError("\n".join(problems))
    return clips


def _content(clip: LabelledClip, hashes: dict[Path, str]) -> str:
    if clip.voices is None:
        return hashes[clip.path]
    content = " ".join(["stems", *(hashes[path] for path in clip.files)])
    return hashlib.sha256(content.encode()).hexdigest()
