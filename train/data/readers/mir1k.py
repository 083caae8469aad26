"""MIR-1K as published (Hsu and Jang 2010): stereo files `singer_song_clip.wav`, accompaniment left, voice right."""

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
    """Remixes of the clips in a folder, or in the `Wavfile` folder in it; None if no name is one of MIR-1K's.

    Every clip comes once with its voice and once without (`none`). Two singers at a time, neighbours in the alphabet,
    also sing together over the accompaniment of the first (`multiple`).
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
    # Pairs that share no singer: otherwise all singers would hang together, and no split could part them.
    for first, second in zip(names[::2], names[1::2], strict=False):
        for one, other in zip(recorded[first], recorded[second], strict=False):
            clips.append(LabelledClip(one, "multiple", first + SINGER_SEPARATOR + second, voices=(one, other)))
    return clips


def _singer(path: Path) -> str:
    match = NAME.fullmatch(path.stem)
    return match[1] if match else ""


def _problem(path: Path) -> str:
    if not (name := _singer(path)):
        return f"{path}: its name is not made of singer, song and clip, like amy_1_01.wav."
    if name not in SINGERS:
        return f"{path}: {name!r} is none of MIR-1K's singers."
    try:
        found = soundfile.info(path)
    except soundfile.LibsndfileError:
        return ""  # Whoever decodes it says why it cannot be read.
    if (found.channels, found.samplerate) != (2, RATE):
        return f"{path}: {found.channels} channel(s) at {found.samplerate} Hz, not two at {RATE} Hz."
    return ""
