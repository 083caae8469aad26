"""Songs that the genre recipe cannot do with are refused in words, before anything is learnt."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from gender_audio import audio
from gender_audio.audio import Clip
from gender_audio.systems.genre_models import SongFeatures
from tests.train.recipes.test_genre import record_song
from train.__main__ import app
from train.data.lineup import ASIDE, read, refuse_few
from train.data.songs import Song, folder_songs, song_folds
from train.recipes import genre

PARTS = genre.Recipe.folds


def lay(folder: Path, rock: int, rest: int) -> tuple[Path, Path]:
    """Two folders of files with so many artists, of three songs each."""
    for name, count in (("rock", rock), ("rest", rest)):
        (folder / name).mkdir()
        for number in range(3 * count):
            (folder / name / f"{name} {number // 3} - {number % 3}.wav").touch()
    return folder / "rock", folder / "rest"


@dataclass(frozen=True)
class Ears:
    """Hears the same in everything that can be read."""

    heard: SongFeatures
    fingerprint: str = "same"

    def __call__(self, _: Clip) -> SongFeatures:
        return self.heard


def run(sides: tuple[Path, Path], cache: Path, columns: str = "1000") -> Result:
    typed = ["genre", "--songs", sides[0], "--rest", sides[1], "--cache", cache]
    return CliRunner(env={"COLUMNS": columns}).invoke(app, [*map(str, typed)])


@pytest.mark.parametrize(
    ("counts", "few", "found"),
    [((0, 9), "rock", 0), ((1, 1), "rock", 1), ((4, 40), "rock", 4), ((9, 7), "rest", 7)],
)
def test_too_few_artists_are_counted_before_anything_is_heard(
    tmp_path: Path, counts: tuple[int, int], few: str, found: int
) -> None:
    refused = run(lay(tmp_path, *counts), tmp_path / "cache")
    assert refused.exit_code == 2
    expected = f"{tmp_path / few}: songs of {found} artist(s), and at least {PARTS + ASIDE} are needed"
    assert expected in refused.stderr and "n_splits" not in refused.output
    assert not (tmp_path / "cache").exists()


@pytest.mark.parametrize("seed", range(5))
def test_as_many_artists_as_are_asked_for_are_enough(tmp_path: Path, seed: int) -> None:
    sides = lay(tmp_path, PARTS + ASIDE, PARTS + ASIDE)
    songs = read(*sides, tmp_path, seed, PARTS)
    assert list(songs) == folder_songs(*sides, seed)
    plan = genre.Recipe(songs, tmp_path)
    parts = song_folds(plan.of("development"), PARTS, seed)
    cells = {(int(part), song.label) for part, song in zip(parts, plan.of("development"), strict=True)}
    assert len(cells) == 2 * PARTS


@pytest.mark.parametrize(("label", "split", "least"), [(0, "development", 3), (1, "test", 1)])
def test_both_sides_of_a_split_need_artists_of_both_labels(label: int, split: str, least: int) -> None:
    places = [(side, "development") for side in (0, 0, 0, 1, 1, 1)] + [(0, "test"), (1, "test")]
    songs = tuple(Song(Path("x"), f"artist {number}", "", *place) for number, place in enumerate(places))
    assert refuse_few(songs, 3) == songs
    first = next(song for song in songs if (song.label, song.split) == (label, split))
    with pytest.raises(ValueError, match=rf"songs of {least - 1} artist\(s\) to .+ at least {least} are needed"):
        refuse_few(tuple(song for song in songs if song != first), 3)


def test_all_that_is_no_song_is_named_before_anything_is_learnt(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sides = lay(tmp_path, PARTS + ASIDE, PARTS + ASIDE)
    record_song(tmp_path / "song.wav", 0, 0)
    ears = Ears(genre.hearing()(audio.read(tmp_path / "song.wav")))
    songs = read(*sides, tmp_path, 0, PARTS)
    bad = [next(song.path for song in songs if song.split == split) for split in ("development", "test")]
    for song in songs:
        if song.path not in bad:
            shutil.copy(tmp_path / "song.wav", song.path)
    monkeypatch.setattr(genre, "hearing", lambda: ears)
    monkeypatch.setattr(genre, "train", lambda plan: pytest.fail("something was learnt"))
    refused = run(sides, tmp_path / "cache", columns="40")
    assert refused.exit_code == 2 and isinstance(refused.exception, SystemExit)
    assert all(f"{path}: This file is empty" in refused.stderr for path in bad)
