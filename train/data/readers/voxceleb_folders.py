"""Recordings in folders `Train|Validation|Test / Male|Female`, as system C keeps VoxCeleb."""

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
"""VoxCeleb's name of a speaker, in the name of the file or of a folder."""


def read_sources(root: Path, leak: bool = False) -> list[Source]:
    """Every recording below `root`; the case of folder names does not matter.

    Args:
        leak: allow speakers that are in more than one split.

    Raises:
        LayoutError: folders have other names, files name no speaker, or there is no recording; all of it is listed.
        LeakError: speakers are shared.
    """
    paths = [path for path in sorted(root.glob("*/*/**/*")) if path.is_file() and path.suffix.lower() in SUFFIXES]
    places = [path.relative_to(root) for path in paths]
    if problems := [problem for place in places if (problem := _problem(place))]:
        raise LayoutError("\n".join(problems))
    if not places:
        raise LayoutError(f"There are no recordings in {root}/Train/Male and the folders like it.")
    found = [_source(root.name, place) for place in places]
    if not leak:
        require_disjoint({split: [s.singer_id for s in found if s.split == split] for split in SPLITS.values()})
    return found


def _problem(place: Path) -> str:
    split, voice = (part.lower() for part in place.parts[:2])
    if split not in SPLITS or voice not in SPEECH_MEL.labels:
        return f"{place}: recordings belong in Train, Validation or Test, and there in Male or Female."
    if not _speaker(place):
        return f"{place}: neither the file nor a folder names its speaker as id and five digits."
    return ""


def _source(dataset: str, place: Path) -> Source:
    split, voice = (part.lower() for part in place.parts[:2])
    return Source(str(place), dataset, "speech", voice, _speaker(place), "", SPLITS[split])


def _speaker(place: Path) -> str:
    """Who speaks; empty where neither the file nor a folder says it."""
    named = SPEAKER.search("/".join(place.parts[2:]))
    return named[0] if named else ""
