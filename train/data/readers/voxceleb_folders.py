"""Recordings in folders `Train|Validation|Test / Male|Female`, the layout of VoxCeleb in system C."""

from __future__ import annotations

import re
from pathlib import Path

from gender_audio.systems.labels import SPEECH_MEL
from train.data.corpus import Source
from train.data.splits import require_disjoint
from train.data.validation import LayoutError

SPLITS = {"train": "train", "validation": "val", "test": "test"}
SUFFIXES = {".wav", ".flac", ".ogg", ".opus", ".mp3", ".aiff"}
SPEAKER = re.compile(r"id\d{5}")
"""Speaker id of VoxCeleb, in the name of the file or of a folder."""


def read_sources(root: Path, leak: bool = False) -> list[Source]:
    """All recordings below `root`. The case of folder names does not matter.

    Args:
        leak: allow speakers in more than one split.

    Raises:
        LayoutError: folders have other names, speakers are unknown, or there are no recordings. The text lists all
            problems.
        LeakError: speakers are in more than one split.
    """
    paths = [path for path in sorted(root.glob("*/*/**/*")) if path.is_file() and path.suffix.lower() in SUFFIXES]
    places = [path.relative_to(root) for path in paths]
    if problems := [problem for place in places if (problem := _problem(place))]:
        raise LayoutError("\n".join(problems))
    if not places:
        raise LayoutError(f"{root}: there are no recordings in Train/Male and the other folders.")
    sources = [_source(root.name, place) for place in places]
    if not leak:
        require_disjoint({split: [s.singer_id for s in sources if s.split == split] for split in SPLITS.values()})
    return sources


def _problem(place: Path) -> str:
    split, voice = (part.lower() for part in place.parts[:2])
    if split not in SPLITS or voice not in SPEECH_MEL.labels:
        return f"{place}: recordings must be in Train, Validation or Test, and there in Male or Female."
    if not _speaker(place):
        return f"{place}: neither the file name nor a folder contains the speaker as id and five digits."
    return ""


def _source(dataset: str, place: Path) -> Source:
    split, voice = (part.lower() for part in place.parts[:2])
    return Source(str(place), dataset, "speech", voice, _speaker(place), "", SPLITS[split])


def _speaker(place: Path) -> str:
    """The speaker id; empty if neither the file name nor a folder contains it."""
    match = SPEAKER.search("/".join(place.parts[2:]))
    return match[0] if match else ""
