"""Clips with one of the four singing labels, and their split into train, val and test."""

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
"""Separates the names of several singers of one clip."""


@dataclass(frozen=True)
class LabelledClip:
    """A recording and its label.

    Attributes:
        path: the recording.
        label: one of `SINGING.labels`.
        singer: singer or artist; several are separated by ` & `; empty if unknown.
        song: empty if unknown.
        split: `train`, `val` or `test`; empty if the data give none.
        voices: files of the voices to mix with `path`, see `read_clip`; None for a plain recording.
        content: SHA-256 of all files, in hex; empty until it has been computed.
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
        """All files that the clip is made of."""
        return (self.path, *(self.voices or ()))

    @property
    def group_names(self) -> tuple[str, ...]:
        """Names that clips of one group share: the singers, or else the song, or else the path."""
        if self.singer:
            return tuple(self.singer.split(SINGER_SEPARATOR))
        return (f"song {self.song}",) if self.song else (str(self.path),)


ReaderResult = tuple[list[LabelledClip], list[str]]
"""What a reader returns: clips, and one message for each problem."""


def read_clip(clip: LabelledClip) -> Clip:
    """The sound of a clip.

    If the clip has `voices`, its files are stereo, with the accompaniment on the left and the voice on the right. The
    accompaniment of `path` and up to two voices are mixed at equal levels, mono.

    Raises:
        AudioError: a file cannot be used.
    """
    recording = audio.read(clip.path)
    if clip.voices is None:
        return recording
    accompaniment = recording.samples[0]
    voice = np.zeros_like(accompaniment)
    if clip.voices:
        first, *others = (np.resize(audio.read(path).samples[1], len(voice)) for path in clip.voices)
        voice = layer(first, others[0] if others else None, 0.0)
    remix = mix(voice, normalise_rms(accompaniment), 0.0, clip.label, "sung")
    return Clip(remix.mixture[None], recording.rate)


def assign_splits(clips: Sequence[LabelledClip], method: str, seed: int, leak: bool = False) -> tuple[str, ...]:
    """The split of every clip: `train`, `val` or `test`.

    Args:
        method: `given` by the clips, with val held out from train if it is missing; `grouped` by singer (or song);
            `random`; or `competition`: system A's test rows, and a random val from the rest.
        leak: allow singers in more than one of the given splits.

    Raises:
        SplitError: the clips cannot be split this way.
        LeakError: singers are in more than one of the given splits.
    """
    labels = np.array([clip.label for clip in clips])
    names = [clip.group_names for clip in clips]
    if method != "given":
        groups = connected_groups(names) if method == "grouped" else np.arange(len(clips))
        test = competition_test_rows(len(clips)) if method == "competition" else None
        return tuple(split_by_group(labels, groups, seed, test).tolist())
    splits = np.array([clip.split for clip in clips])
    if absent := sorted({"train", "test"} - set(splits.tolist())):
        raise SplitError(f"No clips have the split {' or '.join(absent)}.")
    if not leak:
        require_disjoint(
            {split: [name for clip in clips if clip.split == split for name in clip.group_names] for split in SPLITS},
            "singer",
        )
    if "val" not in splits:
        train = np.flatnonzero(splits == "train")
        groups = connected_groups([names[row] for row in train])
        splits[train[hold_out(labels[train], groups, seed)]] = "val"
    return tuple(splits.tolist())
