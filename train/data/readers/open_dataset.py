"""One way to open labelled clips, whatever layout they lie in."""

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
UNKNOWN = (
    "{}: there are no labelled clips in a known layout here. Known are: folders called none, male, female or multiple; "
    "a CSV with the columns path and label (in a folder, manifest.csv); N.mp3 with a *label*.txt that has one number "
    "to a line; MIR-1K's Wavfile folder."
)


def open_clips(source: Path, ready: Callable[[LabelledClip], bool] = lambda clip: False) -> list[LabelledClip]:
    """The labelled clips of a folder or CSV, by what is found there, with their `content`.

    Args:
        ready: says which clips need not be decoded to see whether they can be.

    Raises:
        LayoutError: files that are missing, are there twice or cannot be read, unknown labels, or whatever else the
            layout's reader finds; all of it is listed.
    """
    found = next((found for find in READERS if (found := find(source)) is not None), None)
    if found is None:
        raise LayoutError(UNKNOWN.format(source) if source.exists() else f"{source}: there is no such file or folder.")
    clips, problems = found
    # The same stems make several clips; any other file makes one.
    stems = sorted(set(chain.from_iterable(clip.files for clip in clips if clip.voices is not None)))
    files = list(dict.fromkeys([*stems, *(clip.path for clip in clips if clip.voices is None)]))
    hashes = hash_files(files)
    problems += [f"{path}: there is no such file." for path in files if path not in hashes]
    problems += find_duplicates(files, hashes)
    clips = [replace(clip, content=_content(clip, hashes)) for clip in clips if hashes.keys() >= set(clip.files)]
    problems += find_unreadable(sorted({path for clip in clips if not ready(clip) for path in clip.files}))
    if not clips and not problems:
        problems.append(f"{source}: there are no clips.")
    if problems:
        raise LayoutError("\n".join(problems))
    return clips


def _content(clip: LabelledClip, hashes: dict[Path, str]) -> str:
    if clip.voices is None:
        return hashes[clip.path]
    made_of = " ".join(["stems", *(hashes[path] for path in clip.files)])
    return hashlib.sha256(made_of.encode()).hexdigest()
