"""Songs in two folders: enough artists on each side, or an error before anything is trained."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from gender_audio import audio
from gender_audio.audio import Clip
from gender_audio.systems.genre_features import SongFeatures
from tests.train.recipes.test_genre import record_song
from train.__main__ import app
from train.data.corpus_checks import TEST_ARTISTS, require_artists_in_splits
from train.data.songs import folder_songs, load_songs, song_folds
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
    ("counts", "few", "found"),
    [((0, 9), "rock", 0), ((1, 1), "rock", 1), ((4, 40), "rock", 4), ((9, 7), "rest", 7)],
)
def test_genre_command_rejects_too_few_artists(tmp_path: Path, counts: tuple[int, int], few: str, found: int) -> None:
    result = run(write_songs(tmp_path, *counts), tmp_path / "cache")
    assert result.exit_code == 2
    assert f"{tmp_path / few}: songs of {found} artist(s), and at least {NEEDED}" in result.stderr
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
    monkeypatch.setattr(genre, "train", lambda plan: pytest.fail("training started"))
    result = run(folders, tmp_path / "cache", columns="40")
    assert result.exit_code == 2 and isinstance(result.exception, SystemExit)
    assert all(f"{path}: This file is empty" in result.stderr for path in bad)
