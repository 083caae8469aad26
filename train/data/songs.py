"""Songs of one genre and of other genres, from two folders or from the shared corpora, split by artist."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from gender_audio.audio import AudioError, read
from gender_audio.systems.genre_features import SongFeatureExtractor, SongFeatures
from train.data.corpus_checks import require_artists_in_folder, require_artists_in_splits
from train.data.readers import manifest
from train.data.splits import require_disjoint, stratified_group_folds
from train.run_records import key

TEST_FOLDS = 5
"""One of this many folds of the songs is the test split."""


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
    def file_key(self) -> tuple[Path, float]:
        """Path and time of the last change, which identify the content in a cache."""
        return self.path.resolve(), self.path.stat().st_mtime


def load_songs(genre: Path | None, rest: Path | None, data: Path, seed: int, folds: int) -> tuple[Song, ...]:
    """The songs of two folders, or those of the shared corpora if a folder is not given.

    Args:
        folds: of the development split. Each needs an artist of the genre and one of the rest.

    Raises:
        ValueError: there are too few artists, or no songs.
        LayoutError, OSError, LeakError: as `corpus_songs`.
    """
    if genre and rest:
        for folder in (genre, rest):
            artists = {artist_of(path, folder) for path in list_files(folder)}
            require_artists_in_folder(folder, artists, folds)
        songs = folder_songs(genre, rest, seed)
    else:
        songs = corpus_songs(data)
    by_split: dict[tuple[int, str], set[str]] = defaultdict(set)
    for song in songs:
        by_split[song.label, song.split].add(song.artist)
    require_artists_in_splits(by_split, folds)
    return tuple(songs)


def corpus_songs(data: Path, genre: str = "rock") -> list[Song]:
    """The songs of `data/manifest.csv`, one genre against all others, with the manifest's split.

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
    """The songs of two folders, one genre and the rest. A fifth of them, by artist, is the test split.

    Raises:
        ValueError: a folder contains no songs.
    """
    songs = []
    for label, folder in enumerate((genre, rest)):
        paths = list_files(folder)
        if not paths:
            raise ValueError(f"There are no songs in {folder}.")
        songs += [Song(path, artist_of(path, folder), folder.name, label, corpus=folder.name) for path in paths]
    folds = song_folds(songs, TEST_FOLDS, seed)
    return require_disjoint_artists(
        [replace(song, split="development" if fold else "test") for song, fold in zip(songs, folds, strict=True)]
    )


def list_files(folder: Path) -> list[Path]:
    """All files below a folder except hidden ones, sorted."""
    return sorted(path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("."))


def artist_of(path: Path, folder: Path) -> str:
    """The artist of a song: its first folder below `folder`, else the file name before ` - `, else the whole name."""
    if path.parent != folder:
        return path.relative_to(folder).parts[0]
    name, dash, _ = path.stem.partition(" - ")
    return name if dash else path.stem


def require_disjoint_artists(songs: list[Song]) -> list[Song]:
    """The songs, if no artist is in both splits.

    Raises:
        LeakError: an artist is.
    """
    splits = {split: [song.artist for song in songs if song.split == split] for split in ("development", "test")}
    require_disjoint(splits, "artist")
    return songs


def song_folds(songs: Sequence[Song], count: int, seed: int, by_artist: bool = True) -> np.ndarray:
    """The fold of every song, int [n], stratified by genre. With `by_artist`, all songs of an artist share a fold."""
    genres = np.array([song.genre for song in songs])
    groups = np.array([song.artist if by_artist else str(song.path) for song in songs])
    return stratified_group_folds(genres, groups, count, np.random.default_rng(seed))


def load_features(song: Song, extractor: SongFeatureExtractor, cache: Path) -> SongFeatures:
    """The features of a song, extracted once and stored in `cache` in half precision.

    Raises:
        ValueError: the file cannot be used.
    """
    path = cache / f"song-features-{extractor.fingerprint}" / f"{key(*song.file_key)}.npz"
    if not path.exists():
        try:
            features = extractor(read(song.path))
        except AudioError as error:
            raise ValueError(f"{song.path}: {error}") from error
        features.save(path)
    return SongFeatures.load(path)
