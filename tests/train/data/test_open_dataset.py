"""Labelled clips in every supported layout, and the list of all problems."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import soundfile

from gender_audio.systems.labels import SINGING
from train.data.decoding import RATE
from train.data.labelled_clips import LabelledClip, read_clip
from train.data.readers import mir1k
from train.data.readers.class_folders import singer_of
from train.data.readers.open_dataset import open_clips
from train.data.validation import LayoutError


def record(path: Path, seed: int, channels: int = 1, rate: int = RATE) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, 0.1 * np.random.default_rng(seed).standard_normal((rate, channels)), rate)
    return path


def problems_of(source: Path) -> list[str]:
    with pytest.raises(LayoutError) as error:
        open_clips(source)
    return str(error.value).splitlines()


def test_class_folders_are_read(tmp_path: Path) -> None:
    for number, name in enumerate(
        ("male/Bob - One.wav", "Female/Eve/a/x.wav", "none/b_1.wav", "multiple/A & B - x.wav")
    ):
        record(tmp_path / name, number)
    (tmp_path / "Female" / ".hidden").touch()
    (tmp_path / "notes.txt").touch()
    by_label = {clip.label: clip for clip in open_clips(tmp_path)}
    assert {label: clip.singer for label, clip in by_label.items()} == {
        "male": "Bob",
        "female": "Eve",
        "none": "b",
        "multiple": "A & B",
    }
    assert by_label["multiple"].group_names == ("A", "B")
    assert len({clip.content for clip in by_label.values()}) == 4
    np.testing.assert_array_equal(
        read_clip(by_label["male"]).samples[0], soundfile.read(tmp_path / "male" / "Bob - One.wav", dtype="float32")[0]
    )


@pytest.mark.parametrize(
    ("name", "singer"),
    [("Bob/x_1.wav", "Bob"), ("Bob - x_1.wav", "Bob"), ("bob_1_01.wav", "bob"), ("song.wav", ""), ("_.wav", "")],
)
def test_singer_of_uses_folder_or_name(name: str, singer: str) -> None:
    assert singer_of(Path("male") / name, Path("male")) == singer


def test_class_folders_list_all_problems(tmp_path: Path) -> None:
    record(tmp_path / "male" / "a.wav", 0)
    (tmp_path / "male" / "b.wav").write_bytes((tmp_path / "male" / "a.wav").read_bytes())
    (tmp_path / "female").mkdir()
    record(tmp_path / "boys" / "c.wav", 1)
    (tmp_path / "male" / "broken.mp3").write_bytes(b"no sound at all")
    problems = problems_of(tmp_path)
    for place, words in (
        ("female", "no recordings"),
        ("boys", "is not a label"),
        ("b.wav", "same"),
        ("broken.mp3", ""),
    ):
        assert sum(place in line and words in line for line in problems) == 1
    assert len(problems) == 4


def table(folder: Path, rows: list[str], head: str = "path,label,singer,song,split") -> Path:
    (folder / "songs.csv").write_text("\n".join([head, *rows]) + "\n")
    return folder / "songs.csv"


def test_csv_is_read(tmp_path: Path) -> None:
    record(tmp_path / "a.wav", 0)
    record(tmp_path / "deep" / "b.wav", 1)
    file = table(tmp_path, ['a.wav,male,"Bob, the one",x,train', " deep/b.wav , None ,,x,TEST"])
    first, second = open_clips(file)
    assert (first.path, first.label, first.group_names, first.split) == (
        tmp_path / "a.wav",
        "male",
        ("Bob, the one",),
        "train",
    )
    assert (second.label, second.group_names, second.split) == ("none", ("song x",), "test")
    (tmp_path / "songs.csv").rename(tmp_path / "manifest.csv")
    assert open_clips(tmp_path) == [first, second]
    record(tmp_path / "c.wav", 2)
    (clip,) = open_clips(table(tmp_path, ["c.wav,male"], "path,label"))
    assert clip.group_names == (str(tmp_path / "c.wav"),) and not clip.split


def test_csv_lists_all_problems(tmp_path: Path) -> None:
    record(tmp_path / "a.wav", 0)
    (tmp_path / "broken.ogg").write_bytes(b"OggS")
    rows = ["a.wav,male,,,train", "a.wav,Male,,,train", "gone.wav,female,,,val", "broken.ogg,boy,,,later", "a.wav,,,,"]
    rows += ["gone.wav,female,,,val", ",none,,,val"]
    problems = problems_of(table(tmp_path, rows))
    expected = [
        ("line 5", "'boy' is not a label"),
        ("line 5", "'later' is not a split"),
        ("line 6", "'' is not a label"),
        ("line 8", "the path is empty"),
        ("songs.csv", "1 rows have no split (the first is line 6"),
        ("line 3", "a.wav is the same recording as in line 2."),
        ("line 6", "a.wav is the same recording as in line 2, but the label is '' here and 'male' there."),
        ("line 7", "gone.wav is the same recording as in line 4."),
        ("gone.wav", "no such file"),
        ("broken.ogg", "damaged"),
    ]
    assert len(problems) == len(expected)
    for line, (place, words) in zip(problems, expected, strict=True):
        assert place in line and words in line


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("file,label\n", "no column 'path'"),
        ("path,label\n", "lists no clips"),
        ("", "no column"),
        ("\xff\xfe", "not a CSV"),
    ],
)
def test_csv_with_invalid_content_is_rejected(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "x.csv").write_bytes(text.encode("latin1"))
    assert any(words in line for line in problems_of(tmp_path / "x.csv"))


@pytest.fixture
def competition(tmp_path: Path) -> Path:
    """Training and test recordings side by side, as they are given out."""
    for number in range(12):
        tone = 0.3 * np.sin(np.arange(RATE) * 0.02 * (number + 1))
        for folder in ("train_mp3s", "test_mp3s"):
            (tmp_path / folder).mkdir(exist_ok=True)
            soundfile.write(tmp_path / folder / f"{number}.mp3", tone, RATE)
    (tmp_path / "train_label.txt").write_text("\n".join(str(number % 4) for number in range(12)))
    return tmp_path


def test_competition_is_read(competition: Path) -> None:
    clips = open_clips(competition)
    assert [clip.path.stem for clip in clips] == [str(number) for number in range(12)]
    assert [clip.label for clip in clips] == list(SINGING.labels) * 3
    assert {clip.path.parent.name for clip in clips} == {"train_mp3s"}


def test_competition_lists_all_problems(competition: Path) -> None:
    folder = competition / "train_mp3s"
    (folder / "11.mp3").write_bytes((folder / "3.mp3").read_bytes())
    (folder / "5.mp3").write_bytes(b"no sound at all")
    (folder / "song.mp3").write_bytes((folder / "7.mp3").read_bytes())
    (competition / "train_label.txt").write_text("0\n9\n")
    problems = problems_of(competition)
    for place, words in (
        ("song.mp3", "not a number"),
        ("label", "line 2: '9'"),
        ("label", "2 labels for 12"),
        ("3.mp3", "same"),
        ("song.mp3", "same"),
        ("5.mp3", "damaged"),
    ):
        assert any(place in line and words in line for line in problems)
    assert len(problems) == 6


def test_several_label_files_are_rejected(competition: Path) -> None:
    (competition / "other_labels.txt").touch()
    assert "not clear" in problems_of(competition)[0]


def test_mir1k_is_remixed(tmp_path: Path) -> None:
    folder = tmp_path / "MIR-1K" / "Wavfile"
    for number, name in enumerate(("amy_1_01", "amy_2_01", "Ani_1_01", "bug_1_01", "Kenshin_1_01", "stool_5_02")):
        record(folder / f"{name}.wav", number, channels=2)
    clips = open_clips(tmp_path / "MIR-1K")
    assert Counter(clip.label for clip in clips) == {"none": 6, "male": 3, "female": 3, "multiple": 2}
    assert {clip.singer for clip in clips if clip.label == "multiple"} == {"amy & Ani", "bug & Kenshin"}
    assert len({clip.content for clip in clips}) == len(clips)
    left, right = soundfile.read(folder / "amy_1_01.wav", dtype="float32")[0].T
    sound = {clip.label: read_clip(clip).samples[0] for clip in clips if clip.path.stem == "amy_1_01"}
    assert set(sound) == {"none", "female", "multiple"}
    assert np.corrcoef(sound["none"], left)[0, 1] == pytest.approx(1, abs=1e-4)
    for channel in (left, right):
        assert np.corrcoef(sound["female"], channel)[0, 1] == pytest.approx(0.5**0.5, abs=0.02)
    other = soundfile.read(folder / "Ani_1_01.wav", dtype="float32")[0][:, 1]
    assert np.corrcoef(sound["multiple"], other)[0, 1] == pytest.approx(0.5, abs=0.02)
    assert all(np.abs(samples).max() == pytest.approx(0.9, abs=1e-4) for samples in sound.values())


def test_mir1k_lists_all_problems(tmp_path: Path) -> None:
    record(tmp_path / "amy_1_01.wav", 0, channels=2)
    record(tmp_path / "amy_1_02.wav", 1, channels=1)
    record(tmp_path / "stranger_1_01.wav", 2, channels=2)
    record(tmp_path / "bug.wav", 3, channels=2)
    problems = problems_of(tmp_path)
    for place, words in (
        ("amy_1_02", "1 channel(s)"),
        ("stranger", "not a singer of MIR-1K"),
        ("bug", "does not consist of"),
    ):
        assert sum(place in line and words in line for line in problems) == 1
    assert len(problems) == 3


def test_mir1k_singers_match_the_shared_manifest() -> None:
    manifest = Path(__file__).resolve().parents[4] / "shared" / "data" / "manifest.csv"
    if not manifest.exists():
        pytest.skip("the shared corpora are missing")
    with manifest.open(newline="") as lines:
        rows = [row for row in csv.DictReader(lines) if row["dataset"] == "mir1k" and row["kind"] == "singing"]
    assert {row["singer_id"].removeprefix("mir1k:"): row["voice"] for row in rows} == mir1k.SINGERS


def test_shared_manifest_keeps_its_splits(corpus: Path) -> None:
    clips = open_clips(corpus)
    assert Counter((clip.label, clip.split) for clip in clips) == {
        (label, split): 2 for label in ("none", "male", "female") for split in ("train", "val")
    }
    assert all(clip.singer.startswith(clip.split) for clip in clips if clip.label != "none")


def test_csv_beside_the_shared_manifest_is_read(corpus: Path) -> None:
    file = corpus / "own.csv"
    file.write_text("path,label,kind,voice\ntrain-0.ogg,male,sung,tenor\n")
    (clip,) = open_clips(file)
    assert (clip.path, clip.label) == (corpus / "train-0.ogg", "male")
    file.write_text("path,kind,voice\ntrain-0.ogg,sung,tenor\n")
    (problem,) = problems_of(file)
    assert problem.startswith(str(file)) and "'label'" in problem
    file.unlink()


def test_manifest_of_clips_needs_labels(tmp_path: Path) -> None:
    (tmp_path / "manifest.csv").write_text("path,voice\na.ogg,tenor\n")
    (problem,) = problems_of(tmp_path)
    assert problem.startswith(str(tmp_path / "manifest.csv")) and "'label'" in problem


def test_unknown_layout_lists_the_supported_ones(tmp_path: Path) -> None:
    assert "Supported are folders named none" in problems_of(tmp_path)[0]
    assert "no such file or folder" in problems_of(tmp_path / "gone")[0]


def test_cached_clips_are_not_decoded(tmp_path: Path) -> None:
    (tmp_path / "male").mkdir()
    (tmp_path / "male" / "a.wav").write_bytes(b"no sound at all")
    (clip,) = open_clips(tmp_path, is_cached=lambda clip: isinstance(clip, LabelledClip))
    assert len(clip.content) == 64
