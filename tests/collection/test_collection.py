"""Listing, journal, tables and tags of a collection."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import mutagen
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet

from gender_audio import audio, weights
from gender_audio.collection import file_tags, tables
from gender_audio.collection.journal import Journal, read_rows
from gender_audio.collection.listing import list_recordings
from gender_audio.collection.row import columns, empty_row, tag, weights_fingerprint
from gender_audio.systems.labels import SINGING
from tests import encoding
from tests.fakes import FakeSingingClassifier


def test_listing_skips_what_is_no_audio_and_hidden_files(tmp_path: Path) -> None:
    names = "b/song.mp3 a.wav cover.JPG b/list.cue b/.hidden.wav .git/x.wav without_suffix film.mkv".split()  # noqa: SIM905
    for name in names:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "c link.wav").symlink_to(tmp_path / "a.wav")
    listing = list_recordings([tmp_path, tmp_path / "b" / ".." / "a.wav"], lambda error: pytest.fail(str(error)))
    assert [str(file.relative_to(tmp_path)) for file in listing.files] == [
        "a.wav",
        "film.mkv",
        "without_suffix",
        "b/song.mp3",
    ]
    assert listing.skipped == 2


def test_a_named_file_is_never_skipped(tmp_path: Path) -> None:
    (tmp_path / "sound.txt").touch()
    assert list_recordings([tmp_path / "sound.txt"], lambda error: None).files == [tmp_path / "sound.txt"]


def test_rows_have_every_column_and_bad_files_a_reason(song: Path, tmp_path: Path) -> None:
    (tmp_path / "lyrics.mp3").write_text("la la la")
    good = tag(FakeSingingClassifier("male"), song, SINGING, "f")
    bad = tag(FakeSingingClassifier(), tmp_path / "lyrics.mp3", SINGING, "f")
    gone = tag(FakeSingingClassifier(), tmp_path / "gone.mp3", SINGING, "f")
    assert tuple(good) == tuple(bad) == tuple(gone) == columns(SINGING)
    assert (good["label"], good["error"], good["weights"]) == ("male", "", "f")
    assert sum(good[f"probability_{label}"] for label in SINGING.labels) == pytest.approx(1, abs=1e-4)
    assert bad["label"] is None and "not a recording" in bad["error"] and len(bad["sha256"]) == 64
    assert gone["error"] and gone["sha256"] is None


def test_fingerprint_follows_the_weights(monkeypatch: pytest.MonkeyPatch) -> None:
    before = weights_fingerprint()
    monkeypatch.setattr(weights, "fingerprint", lambda name: name)
    assert weights_fingerprint() != before


@given(st.integers(0, 200))
def test_journal_keeps_complete_rows_after_any_cut(tmp_path_factory: pytest.TempPathFactory, lost: int) -> None:
    path = tmp_path_factory.mktemp("journal") / "x.journal"
    rows = [empty_row(Path(f"{number} ä.mp3"), SINGING, "f") for number in range(3)]
    with Journal(path) as journal:
        for row in rows[:2]:
            journal.append(row)
    path.write_bytes(path.read_bytes()[: max(0, path.stat().st_size - lost)])
    with Journal(path) as journal:
        journal.append(rows[2])
    kept = list(read_rows(path))
    assert kept[-1] == rows[2] and kept[:-1] == rows[: len(kept) - 1]
    assert lost > 1 or len(kept) == 3


@pytest.mark.parametrize("suffix", tables.SUFFIXES)
def test_tables_hold_all_rows(tmp_path: Path, song: Path, suffix: str) -> None:
    path = tmp_path / f"tags{suffix}"
    tables.check(path)
    rows = [tag(FakeSingingClassifier(), song, SINGING, "f"), empty_row(Path('b, "c"\n.mp3'), SINGING, "f")]
    tables.write(path, columns(SINGING), rows)
    if suffix == ".csv":
        with path.open(newline="", encoding="utf8") as file:
            read = list(csv.DictReader(file))
        assert read[0]["label"] == "female" and read[1]["label"] == ""
    elif suffix == ".jsonl":
        read = [json.loads(line) for line in path.read_text(encoding="utf8").splitlines()]
        assert read == rows
    else:
        read = parquet.read_table(path).to_pylist()
        assert read == rows
    assert [row["path"] for row in read] == [row["path"] for row in rows]


def test_unknown_tables_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"\.parquet"):
        tables.check(tmp_path / "tags.xlsx")


@pytest.mark.parametrize(
    ("name", "suffix"),
    [(encoding.MP3, "mp3"), ("FLAC/PCM_16", "flac"), (encoding.VORBIS, "ogg"), (encoding.M4A, "m4a")],
)
def test_only_our_tag_is_written(tmp_path: Path, name: str, suffix: str) -> None:
    path = tmp_path / f"song.{suffix}"
    path.write_bytes(encoding.encoded(name))
    tagged = mutagen.File(path, easy=True)
    if tagged.tags is None:
        tagged.add_tags()
    tagged["title"] = "Mine"
    tagged.save()
    before = audio.read(path).samples
    row = empty_row(path, SINGING, "f") | {"label": "female", "probability": 0.914, "sure": True}
    assert file_tags.write_tag(row) == "" and file_tags.write_tag(row) == ""
    again = mutagen.File(path)
    values = [str(value) for key, value in again.tags.items() if file_tags.TAG in key.upper()]
    assert len(values) == 1 and "female 0.91" in values[0]
    assert mutagen.File(path, easy=True)["title"] == ["Mine"]
    np.testing.assert_array_equal(audio.read(path).samples, before)


def test_files_without_tags_are_named(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("no sound")
    row = empty_row(tmp_path / "a.txt", SINGING, "f") | {"label": "none", "probability": 0.9, "sure": True}
    assert "cannot be written" in file_tags.write_tag(row)
