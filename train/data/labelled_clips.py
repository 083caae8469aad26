"""Recordings with one of the singer system's labels, whatever layout they were found in, and how they are split."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from gender_audio import audio
from gender_audio.audio import Clip
from train.data.effects import normalise_rms
from train.data.remix import layer, mix
from train.data.splits import (
    SPLITS,
    SplitError,
    competition_test_rows,
    connected_groups,
    hold_out,
    require_disjoint,
    split_by_group,
)

SINGER_SEPARATOR = " & "
"""Stands between the names of those who sing together."""


@dataclass(frozen=True)
class LabelledClip:
    """A recording and its label.

    Attributes:
        path: the recording.
        label: one of `SINGING.labels`.
        singer: who sings, or whose song it is; several are joined by ` & `; empty where unknown.
        song: empty where unknown.
        split: `train`, `val` or `test`; empty where the data give none.
        voices: for stems only, see `read_clip`: the files whose voices sound; None for a plain recording.
        content: names the bytes of all files, in hex; empty until they have been read.
    """

    path: Path
    label: str
    singer: str = ""
    song: str = ""
    split: str = ""
    voices: tuple[Path, ...] | None = None
    content: str = ""

    @property
    def files(self) -> tuple[Path, ...]:
        """Everything that the sound is made of."""
        return (self.path, *(self.voices or ()))

    @property
    def group_names(self) -> tuple[str, ...]:
        """What ties this clip to others: its singers; if they are not known its song, or nothing but itself."""
        if self.singer:
            return tuple(self.singer.split(SINGER_SEPARATOR))
        return (f"song {self.song}",) if self.song else (str(self.path),)


ReaderResult = tuple[list[LabelledClip], list[str]]
"""What a reader brings: clips, and what is wrong with the data."""


def read_clip(clip: LabelledClip) -> Clip:
    """The sound of a clip.

    Stems have the accompaniment on the left and the voice on the right: the accompaniment of `path` and the voices of
    `voices`, at most two, are remixed at equal levels, mono.

    Raises:
        AudioError: a file cannot be used.
    """
    if clip.voices is None:
        return audio.read(clip.path)
    stems = audio.read(clip.path)
    voice = np.zeros_like(stems.samples[0])
    if clip.voices:
        first, *others = (np.resize(audio.read(path).samples[1], len(voice)) for path in clip.voices)
        voice = layer(first, others[0] if others else None, 0.0)
    return Clip(mix(voice, normalise_rms(stems.samples[0]), 0.0, clip.label, "sung").mixture[None], stems.rate)


def assign_splits(clips: Sequence[LabelledClip], split: str, seed: int, leak: bool = False) -> tuple[str, ...]:
    """The side of every clip.

    Args:
        split: `given` with the clips, with a validation side put aside if there is none; `grouped` by singer (else by
            song); at `random`; or system A's own, from the `competition`, whose 70 % are parted at random once more.
        leak: allow singers on more than one side of a given split.

    Raises:
        SplitError: it cannot be made; as LeakError, singers of a given split are on more than one side.
    """
    labels = np.array([clip.label for clip in clips])
    names, alone = [clip.group_names for clip in clips], np.arange(len(clips))
    if split != "given":
        groups = connected_groups(names) if split == "grouped" else alone
        published = competition_test_rows(len(clips)) if split == "competition" else None
        return tuple(split_by_group(labels, groups, seed, published).tolist())
    sides = np.array([clip.split for clip in clips])
    if absent := sorted({"train", "test"} - set(sides.tolist())):
        raise SplitError(f"No clips are given to {' or '.join(absent)}.")
    if not leak:
        require_disjoint(
            {side: [name for clip in clips if clip.split == side for name in clip.group_names] for side in SPLITS},
            "singer",
        )
    if "val" not in sides:
        learnt = np.flatnonzero(sides == "train")
        groups = connected_groups([names[row] for row in learnt])
        sides[learnt[hold_out(labels[learnt], groups, seed)]] = "val"
    return tuple(sides.tolist())
