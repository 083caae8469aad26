"""Which songs the genre recipe has, refused at once where these are of too few artists to learn from and to test on."""

from __future__ import annotations

from pathlib import Path

from train.data.songs import Song, artist_of, corpus_songs, folder_songs, list_files

ASIDE = 2
"""Artists that a folder needs beside one for each fold: so many of the fewest are put aside for the test, at most."""


def read(genre: Path | None, rest: Path | None, data: Path, seed: int, parts: int) -> tuple[Song, ...]:
    """The songs of two folders or, where these are not given, the shared ones.

    Args:
        parts: the folds of what is learnt from; each needs an artist of the genre and one of the rest.

    Raises:
        ValueError: a side has too few artists; the text says how many it needs.
    """
    if not (genre and rest):
        return refuse_few(tuple(corpus_songs(data)), parts)
    for folder in (genre, rest):
        found = artists(folder)
        if found < parts + ASIDE:
            raise ValueError(
                f"{folder}: songs of {found} artist(s), and at least {parts + ASIDE} are needed: one for each of "
                f"{parts} folds to learn from, and {ASIDE} that may be put aside for the test. An artist is the folder "
                "that songs lie in, or what stands before ' - ' in their names."
            )
    return refuse_few(tuple(folder_songs(genre, rest, seed)), parts)


def artists(folder: Path) -> int:
    """How many artists have songs in a folder."""
    return len({artist_of(path, folder) for path in list_files(folder)})


def refuse_few(songs: tuple[Song, ...], parts: int) -> tuple[Song, ...]:
    """The songs, if there are enough artists on each side of the split.

    Raises:
        ValueError: there are not.
    """
    for label, side in enumerate(("the genre", "the rest")):
        for split, purpose, least in (("development", "learn from", parts), ("test", "test on", 1)):
            found = len({song.artist for song in songs if (song.label, song.split) == (label, split)})
            if found < least:
                raise ValueError(
                    f"Of {side} there are songs of {found} artist(s) to {purpose}, and at least {least} are needed: "
                    "add songs of others."
                )
    return songs
