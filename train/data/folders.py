"""Recordings in folders `Train|Validation|Test / Male|Female`, as system C keeps VoxCeleb."""

from __future__ import annotations

import re
from pathlib import Path

from gender_audio.systems import VOICE
from train.data.checks import LayoutError
from train.data.library import Source
from train.data.splits import refuse_leak

SPLITS = {"train": "train", "validation": "val", "test": "test"}
SUFFIXES = {".wav", ".flac", ".ogg", ".opus", ".mp3", ".aiff"}
SPEAKER = re.compile(r"id\d{5}")
"""VoxCeleb's name of a speaker, in the name of the file or of a folder."""


def sources(root: Path, leak: bool = False) -> list[Source]:
    """Every recording below `root`; the case of folder names does not matter.

    Args:
        leak: allow speakers that are in more than one split.

    Raises:
        LayoutError: a folder has another name, a file names no speaker, or there is no recording.
        LeakError: speakers are shared.
    """
    found = [
        _source(root, path)
        for path in sorted(root.glob("*/*/**/*"))
        if path.is_file() and path.suffix.lower() in SUFFIXES
    ]
    if not found:
        raise LayoutError(f"There are no recordings in {root}/Train/Male and the folders like it.")
    if not leak:
        refuse_leak({split: [s.singer_id for s in found if s.split == split] for split in SPLITS.values()})
    return found


def _source(root: Path, path: Path) -> Source:
    place = path.relative_to(root)
    split, voice = (part.lower() for part in place.parts[:2])
    if split not in SPLITS or voice not in VOICE.labels:
        raise LayoutError(f"{place}: recordings belong in Train, Validation or Test, and there in Male or Female.")
    speaker = SPEAKER.search("/".join(place.parts[2:]))
    if speaker is None:
        raise LayoutError(f"{place}: neither the file nor a folder names its speaker as id and five digits.")
    return Source(str(place), root.name, "speech", voice, speaker[0], "", SPLITS[split])
