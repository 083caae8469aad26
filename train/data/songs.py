"""Songs of one genre against the rest: two folders, or the shared ones, with each artist on one side of a split."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from gender_audio.audio import AudioError, read
from gender_audio.systems.genre_models import SongFeatureExtractor, SongFeatures
from train.data.readers import manifest
from train.data.splits import require_disjoint, stratified_group_folds
from train.run_records import key

TEST_FOLDS = 5  # one song of so many is put aside for the test


@dataclass(frozen=True)
class Song:
    """One song. `label` is 0 for the genre and 1 for the rest; `split` is `development` or `test`."""

    path: Path
    artist: str
    genre: str
    label: int
    split: str = "development"
    licence: str = ""
    corpus: str = ""

    @property
    def file(self) -> tuple[Path, float]:
        """Names what the file holds: where it lies, and when it was last written."""
        return self.path.resolve(), self.path.stat().st_mtime


def corpus_songs(data: Path, genre: str = "rock") -> list[Song]:
    """The songs of `data/manifest.csv`, one genre against the others, with the split of the manifest by artist.

    Raises:
        LayoutError, OSError: as `manifest.rows_of_kind`.
        LeakError: an artist is in both splits.
    """
    return require_disjoint_artists(
        [
            Song(
                path=data / row["path"],
                artist=row["artist"],
                genre=row["genre"],
                label=int(row["genre"] != genre),
                split="test" if row["split"] == "test" else "development",
                licence=row["licence"],
                corpus=row["dataset"],
            )
            for row in manifest.rows_of_kind(data, "song", "genre", "artist")
        ]
    )


def folder_songs(genre: Path, rest: Path, seed: int = 0) -> list[Song]:
    """Two folders of songs, one genre and the rest, with a fifth of the songs, by artist, put aside for the test.

    The artist is the folder that a song lies in, or what stands before ` - ` in its name; a song without either
    counts as an artist of its own.

    Raises:
        ValueError: a folder holds no songs.
    """
    songs = []
    for label, folder in enumerate((genre, rest)):
        paths = list_files(folder)
        if not paths:
            raise ValueError(f"There are no songs in {folder}.")
        songs += [Song(path, artist_of(path, folder), folder.name, label, corpus=folder.name) for path in paths]
    parts = song_folds(songs, TEST_FOLDS, seed)
    return require_disjoint_artists(
        [replace(song, split="development" if part else "test") for song, part in zip(songs, parts, strict=True)]
    )


def list_files(folder: Path) -> list[Path]:
    """Every file below a folder but hidden ones, in order."""
    return sorted(path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("."))


def artist_of(path: Path, folder: Path) -> str:
    """Whose song a file holds, as far as its place and name tell."""
    if path.parent != folder:
        return path.relative_to(folder).parts[0]
    name, dash, _ = path.stem.partition(" - ")
    return name if dash else path.stem


def require_disjoint_artists(songs: list[Song]) -> list[Song]:
    """The songs, if no artist is in both splits.

    Raises:
        LeakError: one is.
    """
    require_disjoint(
        {split: [song.artist for song in songs if song.split == split] for split in ("development", "test")}, "artist"
    )
    return songs


def song_folds(songs: Sequence[Song], count: int, seed: int, by_artist: bool = True) -> np.ndarray:
    """The fold of every song, int [n]: genres spread evenly, and each artist in one fold unless told otherwise."""
    genres = np.array([song.genre for song in songs])
    groups = np.array([song.artist if by_artist else str(song.path) for song in songs])
    return stratified_group_folds(genres, groups, count, np.random.default_rng(seed))


def load_features(song: Song, hearing: SongFeatureExtractor, cache: Path) -> SongFeatures:
    """What is heard of a song, computed once; the values lie in half precision in `cache`.

    Raises:
        ValueError: the file cannot be used; the text names it.
    """
    path = cache / f"heard-{hearing.fingerprint}" / f"{key(*song.file)}.npz"
    if not path.exists():
        try:
            heard = hearing(read(song.path))
        except AudioError as error:
            raise ValueError(f"{song.path}: {error}") from error
        heard.save(path)
    return SongFeatures.load(path)
