"""MIR-1K (Hsu and Jang 2010): stereo files `singer_song_clip.wav`, accompaniment left, voice right."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

import soundfile

from train.data.decoding import RATE
from train.data.labelled_clips import SINGER_SEPARATOR, LabelledClip, ReaderResult

NAME = re.compile(r"([A-Za-z]+)_\d+_\d+")
SINGERS = {
    **dict.fromkeys(("amy", "Ani", "annar", "ariel", "heycat", "tammy", "titon", "yifen"), "female"),
    **dict.fromkeys(
        ["abjones", "bobon", "bug", "davidson", "fdps", "geniusturtle", "jmzen", "Kenshin", "khair", "leon", "stool"],
        "male",
    ),
}
"""Singer to label."""


def read_clips(source: Path) -> ReaderResult | None:
    """Remixes of the clips in a folder or its subfolder `Wavfile`; None if no file is named like MIR-1K's.

    Every clip is used with its voice and without it (`none`). Singers are paired in alphabetical order, and each pair
    sings together over the accompaniment of the first (`multiple`).
    """
    folder = source / "Wavfile" if (source / "Wavfile").is_dir() else source
    paths = sorted(folder.glob("*.wav"))
    if not any(_singer(path) in SINGERS for path in paths):
        return None
    problems = [problem for path in paths if (problem := _problem(path))]
    recorded: dict[str, list[Path]] = defaultdict(list)
    for path in paths:
        if (name := _singer(path)) in SINGERS:
            recorded[name].append(path)
    return _clips(recorded), problems


def _clips(recorded: Mapping[str, Sequence[Path]]) -> list[LabelledClip]:
    clips = []
    for name, paths in recorded.items():
        clips += [LabelledClip(path, SINGERS[name], name, voices=(path,)) for path in paths]
        clips += [LabelledClip(path, "none", name, voices=()) for path in paths]
    names = sorted(recorded, key=str.lower)
    # The pairs share no singer. Otherwise all singers would be one group, which cannot be split.
    for first, second in zip(names[::2], names[1::2], strict=False):
        for first_path, second_path in zip(recorded[first], recorded[second], strict=False):
            clips.append(
                LabelledClip(
                    first_path, "multiple", first + SINGER_SEPARATOR + second, voices=(first_path, second_path)
                )
            )
    return clips


def _singer(path: Path) -> str:
    match = NAME.fullmatch(path.stem)
    return match[1] if match else ""


def _problem(path: Path) -> str:
    if not (name := _singer(path)):
        return f"{path}: the name does not consist of singer, song and clip, like amy_1_01.wav."
    if name not in SINGERS:
        return f"{path}: {name!r} is not a singer of MIR-1K."
    try:
        info = soundfile.info(path)
    except soundfile.LibsndfileError:
        return ""  # Decoding reports the reason.
    if (info.channels, info.samplerate) != (2, RATE):
        return f"{path}: {info.channels} channel(s) at {info.samplerate} Hz, not two at {RATE} Hz."
    return ""
