"""Checks that there is enough training data. They run before any recording is decoded and list all problems."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from train.data.corpus import Source
from train.data.readers import manifest
from train.data.synthesis import mbrola, midi
from train.data.validation import LayoutError

REQUIRED_SOURCES = {("accompaniment", "none"): "accompaniment"} | {
    (kind, voice): f"{voice} {kind}" for kind in manifest.VOICED_KINDS for voice in ("male", "female")
}
"""Kind and voice of the sources that remixes are drawn from, with their names in messages."""
TEST_ARTISTS = 2
"""Artists that a folder needs for the test split, in addition to one for each fold."""


def require_remix_sources(sources: Sequence[Source]) -> None:
    """Check that sung and spoken remixes of every label can be drawn, and that two voices can be two people.

    Raises:
        LayoutError: some kind of source is missing.
    """
    present = {(source.kind, source.voice) for source in sources}
    problems = [
        f"there is no {name} in the training data" for needed, name in REQUIRED_SOURCES.items() if needed not in present
    ]
    for kind in manifest.VOICED_KINDS:
        if len({source.group for source in sources if source.kind == kind}) == 1:
            problems.append(f"all {kind} in the training data has the same singer_id; remixes of two voices need two")
    if problems:
        raise LayoutError("\n".join(f"{manifest.FILE}: {problem}." for problem in problems))


def require_packages(sources: Sequence[Source]) -> None:
    """Check that the soundfonts and voices of the synthesised sources are installed.

    Raises:
        LayoutError: packages are missing; the text says how to install them.
    """
    counts = Counter(source.dataset for source in sources)
    packages = [*midi.missing_packages(counts[midi.DATASET]), *mbrola.missing_packages(counts[mbrola.DATASET])]
    if packages:
        raise LayoutError(
            "Training needs soundfonts and synthesised voices that are not installed. On Debian with the components "
            f"contrib and non-free, run:\napt install {' '.join(packages)}\n"
            f"On other systems, put soundfonts into {midi.SOUNDFONT_FOLDER} and MBROLA voices into "
            f"{mbrola.VOICE_FOLDER}."
        )


def require_artists_in_folder(folder: Path, artists: Collection[str], folds: int) -> None:
    """Check that a folder has songs of enough artists for the folds and the test split.

    Raises:
        ValueError: there are fewer.
    """
    needed = folds + TEST_ARTISTS
    if len(artists) < needed:
        raise ValueError(
            f"{folder}: songs of {len(artists)} artist(s), and at least {needed} are needed: one for each of {folds} "
            f"folds, and {TEST_ARTISTS} for the test split. The artist of a song is the name of its folder, or the "
            "part of its file name before ' - '."
        )


def require_artists_in_splits(artists: Mapping[tuple[int, str], Collection[str]], folds: int) -> None:
    """Check that each label has an artist for each fold of the development split and one for the test split.

    Args:
        artists: label (0 the genre, 1 the rest) and split (`development` or `test`) to artists.

    Raises:
        ValueError: there are fewer.
    """
    for label, name in enumerate(("the genre", "the rest")):
        for split, needed in (("development", folds), ("test", 1)):
            count = len(artists.get((label, split), ()))
            if count < needed:
                raise ValueError(
                    f"The {split} split has songs of {count} artist(s) of {name}, and at least {needed} are needed. "
                    "Add songs of other artists."
                )
