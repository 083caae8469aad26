"""Songs in two folders: enough artists on each side, or an error before anything is trained."""

from __future__ import annotations

import csv
import shutil
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from gender_audio import audio
from gender_audio.audio import Clip
from gender_audio.systems.genre_features import SongFeatures
from tests.train.conftest import FIELDS, record_song
from train.__main__ import app
from train.data.corpus_checks import TEST_ARTISTS, require_artists_in_splits
from train.data.songs import (
    Song,
    artist_of,
    corpus_songs,
    folder_songs,
    load_songs,
    require_disjoint_artists,
    song_folds,
)
from train.data.splits import LeakError
from train.recipes import genre

FOLDS = genre.Recipe.folds
NEEDED = FOLDS + TEST_ARTISTS


def write_songs(folder: Path, rock: int, rest: int) -> tuple[Path, Path]:
    """Two folders of empty files: three songs of each of so many artists."""
    for name, count in (("rock", rock), ("rest", rest)):
        (folder / name).mkdir()
        for number in range(3 * count):
            (folder / name / f"{name} {number // 3} - {number % 3}.wav").touch()
    return folder / "rock", folder / "rest"


@dataclass(frozen=True)
class ConstantExtractor:
    """Returns the same features for every clip."""

    features: SongFeatures
    fingerprint: str = "same"

    def __call__(self, _: Clip) -> SongFeatures:
        return self.features


def run(folders: tuple[Path, Path], cache: Path, columns: str = "1000") -> Result:
    arguments = ["genre", "--songs", folders[0], "--rest", folders[1], "--cache", cache]
    return CliRunner(env={"COLUMNS": columns}).invoke(app, [*map(str, arguments)])


@pytest.mark.parametrize(
    ("counts", "few", "count"),
    [((0, 9), "rock", 0), ((1, 1), "rock", 1), ((4, 40), "rock", 4), ((9, 7), "rest", 7)],
)
def test_genre_command_rejects_too_few_artists(tmp_path: Path, counts: tuple[int, int], few: str, count: int) -> None:
    result = run(write_songs(tmp_path, *counts), tmp_path / "cache")
    assert result.exit_code == 2
    assert f"{tmp_path / few}: songs of {count} artist(s), and at least {NEEDED}" in result.stderr
    assert not (tmp_path / "cache").exists()


@pytest.mark.parametrize("seed", range(5))
def test_load_songs_accepts_the_required_number_of_artists(tmp_path: Path, seed: int) -> None:
    folders = write_songs(tmp_path, NEEDED, NEEDED)
    songs = load_songs(*folders, tmp_path, seed, FOLDS)
    assert list(songs) == folder_songs(*folders, seed)
    development = [song for song in songs if song.split == "development"]
    folds = song_folds(development, FOLDS, seed)
    assert len({(int(fold), song.label) for fold, song in zip(folds, development, strict=True)}) == 2 * FOLDS


@pytest.mark.parametrize(("label", "split", "needed"), [(0, "development", 3), (1, "test", 1)])
def test_require_artists_in_splits_counts_each_label_and_split(label: int, split: str, needed: int) -> None:
    artists = {(each, name): {"a", "b", "c"} for each in (0, 1) for name in ("development", "test")}
    artists[label, split] = set("abc"[:needed])
    require_artists_in_splits(artists, 3)
    artists[label, split].pop()
    with pytest.raises(ValueError, match=rf"{split} .* {needed - 1} artist\(s\) .* at least {needed} are needed"):
        require_artists_in_splits(artists, 3)


def test_genre_command_lists_all_unreadable_songs_before_training(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folders = write_songs(tmp_path, NEEDED, NEEDED)
    record_song(tmp_path / "song.wav", 0, 0)
    extractor = ConstantExtractor(genre.feature_extractor()(audio.read(tmp_path / "song.wav")))
    songs = load_songs(*folders, tmp_path, 0, FOLDS)
    bad = [next(song.path for song in songs if song.split == split) for split in ("development", "test")]
    for song in songs:
        if song.path not in bad:
            shutil.copy(tmp_path / "song.wav", song.path)
    monkeypatch.setattr(genre, "feature_extractor", lambda: extractor)
    monkeypatch.setattr(genre, "train", lambda settings: pytest.fail("training started"))
    result = run(folders, tmp_path / "cache", columns="40")
    assert result.exit_code == 2 and isinstance(result.exception, SystemExit)
    assert all(f"{path}: This file is empty" in result.stderr for path in bad)


def test_folder_songs_have_disjoint_artists(song_folders: tuple[Path, Path]) -> None:
    read = folder_songs(*song_folders)
    sides = [{song.artist for song in read if song.split == split} for split in ("development", "test")]
    assert all(sides) and not sides[0] & sides[1]
    assert {song.label for song in read if song.split == "test"} == {0, 1}


def test_require_disjoint_artists_rejects_shared_artist() -> None:
    one = Song(Path("a"), "Rush", "prog", 0, "development")
    with pytest.raises(LeakError, match="Rush"):
        require_disjoint_artists([one, replace(one, split="test")])


def test_folder_songs_rejects_empty_folder(song_folders: tuple[Path, Path], tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no songs"):
        folder_songs(song_folders[0], tmp_path)


def test_artist_of_uses_folder_or_name() -> None:
    folder = Path("songs")
    assert artist_of(folder / "Rush" / "2112" / "x.mp3", folder) == "Rush"
    assert artist_of(folder / "Yes - Roundabout.mp3", folder) == "Yes"
    assert artist_of(folder / "untitled.mp3", folder) == "untitled"


def test_corpus_songs_use_the_split_of_the_manifest(tmp_path: Path) -> None:
    rows = [
        ["a.ogg", "emotify", "song", "unknown", "", "", "val", "12", "rock", "A", "CC0"],
        ["b.ogg", "emotify", "song", "unknown", "", "", "test", "12", "pop", "B", ""],
        ["c.ogg", "mir1k", "singing", "male", "c", "", "train", "12", "", "", ""],
    ]
    with (tmp_path / "manifest.csv").open("w", newline="") as file:
        csv.writer(file).writerows([FIELDS.split(","), *rows])
    for path, *_ in rows:
        (tmp_path / path).touch()
    assert [(song.label, song.split) for song in corpus_songs(tmp_path)] == [(0, "development"), (1, "test")]


def test_song_folds_keep_artists_together() -> None:
    many = [Song(Path(str(n)), f"artist {n // 4}", "", n // 20) for n in range(40)]
    artists = np.array([song.artist for song in many])
    parts = song_folds(many, 4, 0)
    assert all(len(set(parts[artists == name])) == 1 for name in set(artists))
    assert any(len(set(song_folds(many, 4, 0, by_artist=False)[artists == name])) > 1 for name in set(artists))


def test_song_folds_are_stratified_by_genre() -> None:
    many = [Song(Path(str(n)), f"artist {n // 3}", ["rock", "pop", "folk"][n // 54], n // 108) for n in range(162)]
    parts = song_folds(many, 6, 0)
    for genre_of in ("rock", "pop", "folk"):
        counts = np.bincount(parts[[song.genre == genre_of for song in many]], minlength=6)
        assert counts.tolist() == [9] * 6
    assert (song_folds(many, 6, 1) != parts).any()
