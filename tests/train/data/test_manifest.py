"""The manifest of the shared corpora is checked as a whole, before anything is decoded."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile
from joblib import parallel_config
from typer.testing import CliRunner, Result

from gender_audio.systems.singing import SingingClassifier
from train.__main__ import app
from train.data.corpus import read_sources
from train.data.library import Library
from train.data.readers import manifest
from train.data.readers.protocol import COLUMNS
from train.data.validation import LayoutError

Change = Callable[[list[dict[str, str]]], object]


@pytest.fixture
def data(corpus: Path, tmp_path: Path) -> Path:
    """The corpus, to be broken."""
    return shutil.copytree(corpus, tmp_path / "data")


@pytest.fixture
def no_decoding(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(soundfile, "read", lambda *_, **__: pytest.fail("decoding started"))


def rewrite(data: Path, change: Change) -> None:
    """The manifest with its rows changed in place, and with the columns that the first one has then."""
    with (data / "manifest.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    change(rows)
    with (data / "manifest.csv").open("w", newline="") as file:
        table = csv.DictWriter(file, list(rows[0]), extrasaction="ignore")
        table.writeheader()
        table.writerows(rows)


def run(words: str, data: Path, out: Path) -> Result:
    if words == "prepare":
        return CliRunner().invoke(app, ["prepare", str(data), "--cache", str(out)])
    folder = ["--docs", str(out)] if words == "eda" else ["--cache", str(out)]
    return CliRunner().invoke(app, [*words.split(), "--data", str(data), *folder])


def break_rows(rows: list[dict[str, str]]) -> None:
    rows[0]["voice"] = "boy"
    rows[1]["split"] = "dev"
    rows[2]["path"] = "gone.ogg"
    rows[3]["kind"] = "sining"
    rows[4]["path"] = ""
    rows[6]["voice"] = "male"
    rows[8] |= {"path": rows[1]["path"], "voice": "male"}
    rows[9]["singer_id"] = rows[12]["singer_id"] = ""


@pytest.mark.usefixtures("no_decoding")
@pytest.mark.parametrize("command", ["prepare", "singing", "speech-mel", "eda", "genre"])
def test_commands_list_all_manifest_problems(data: Path, tmp_path: Path, command: str) -> None:
    rewrite(data, break_rows)
    result = run(command, data, tmp_path / "out")
    file = data / "manifest.csv"
    assert result.exit_code == 2, result.exception
    problems = [line for line in result.stderr.splitlines() if str(file) in line]
    expected = [
        (2, "'boy' is not a voice"),
        (3, "'dev' is not a split"),
        (4, "gone.ogg"),
        (5, "'sining' is not a kind"),
        (6, "path"),
        (8, "'male' is not a voice"),
        (11, "singer_id"),
        (14, "singer_id"),
        (10, "train-1.ogg is the same recording as in line 3"),
    ]
    assert len(problems) == len(expected)
    for problem, (line, words) in zip(problems, expected, strict=True):
        assert problem.startswith(f"{file}, line {line}: ") and words in problem


@pytest.mark.usefixtures("no_decoding")
@pytest.mark.parametrize(
    ("command", "column"),
    [
        *((command, "licence") for command in ("prepare", "singing", "speech-mel", "eda", "genre", "speech-mfcc")),
        ("prepare", "voice"),
        ("singing", "kind"),
        ("speech-mel", "singer_id"),
        ("eda", "duration_s"),
        ("genre", "artist"),
        ("genre", "genre"),
    ],
)
def test_commands_name_a_missing_column(data: Path, tmp_path: Path, command: str, column: str) -> None:
    rewrite(data, lambda rows: rows[0].pop(column))
    np.savez(data / "audiomnist_mfcc.npz", mfcc=np.zeros((1, 12, 98)), gender=["f"], speaker=[1])
    result = run(command, data, tmp_path / "out")
    assert result.exit_code == 2, result.exception
    assert any("manifest.csv" in line and f"column {column!r}" in line for line in result.stderr.splitlines())


def test_evaluate_checks_the_manifest_first(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SingingClassifier, "load", lambda *_: pytest.fail("decoding started"))
    cells = {"label": "none", "kind": "instrumental", "acc1": "val-6.ogg", "acc1_at": "0"}
    lines = [COLUMNS, [cells.get(name, "") for name in COLUMNS]]
    (tmp_path / "remix_test.csv").write_text("\n".join(map(",".join, lines)))
    rewrite(data, lambda rows: rows[0].update(split="dev"))
    result = CliRunner().invoke(app, ["evaluate", "--data", str(data), "--protocol", str(tmp_path)])
    assert result.exit_code == 2 and "line 2: 'dev' is not a split" in result.stderr


def test_rows_of_kind_checks_only_its_own_rows(data: Path) -> None:
    def change(rows: list[dict[str, str]]) -> None:
        rows[0] |= {"kind": "song", "artist": "A"}
        rows[1] |= {"kind": "song", "artist": "A", "genre": "rock", "duration_s": "long"}

    rewrite(data, change)
    assert len(manifest.read_rows(data)) == len(manifest.rows_of_kind(data, "speech", "duration_s")) + 12
    with pytest.raises(LayoutError, match=r"^\S+, line 2: the genre is empty\.$"):
        manifest.rows_of_kind(data, "song", "genre", "artist")
    with pytest.raises(LayoutError, match=r"^\S+, line 3: 'long' is not a duration_s\.$"):
        manifest.rows_of_kind(data, "song", "duration_s")


def test_read_rejects_unquoted_comma(data: Path) -> None:
    file = data / "manifest.csv"
    file.write_text(file.read_text().replace("CC0", "MIR-1K, research use", 1))
    with pytest.raises(LayoutError, match=r"^\S+, line 2: there are more cells than columns; put quotation marks"):
        read_sources(data, "train")


@pytest.mark.parametrize(("text", "words"), [("", "no column 'path'"), ("\xff\xfe", "not a CSV in UTF-8")])
def test_read_rejects_other_files(data: Path, text: str, words: str) -> None:
    (data / "manifest.csv").write_bytes(text.encode("latin1"))
    with pytest.raises(LayoutError, match=words):
        read_sources(data, "train")


def test_read_rejects_manifest_without_rows(data: Path) -> None:
    (data / "manifest.csv").write_text(",".join(manifest.COLUMNS) + "\n")
    with pytest.raises(LayoutError, match="this file lists no clips"):
        read_sources(data, "train")


def test_manifest_is_checked_again_only_after_a_change(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = manifest.read_rows(data)
    monkeypatch.setattr(Path, "is_file", lambda path: pytest.fail("looked up again"))
    assert manifest.read_rows(data) is first
    monkeypatch.undo()
    rewrite(data, lambda rows: rows.pop())
    assert len(manifest.read_rows(data)) == len(first) - 1


@pytest.mark.slow
def test_library_names_an_unreadable_recording(data: Path, tmp_path: Path) -> None:
    broken = data / "train-2.ogg"
    broken.write_bytes(b"no sound at all")
    expected = pytest.raises(LayoutError, match=r"train-2\.ogg: this recording cannot be read")
    with expected, parallel_config(backend="loky"):
        Library.open(data, read_sources(data, "train"), tmp_path)
    assert not [path for path in tmp_path.iterdir() if path.name.startswith("library")]


def test_eda_names_an_unreadable_recording(data: Path, tmp_path: Path) -> None:
    (data / "train-4.ogg").write_bytes(b"no sound at all")
    result = run("eda", data, tmp_path / "docs")
    assert (result.exit_code, "Traceback" in result.output) == (2, False), result.exception
    assert result.stderr.startswith(f"{data / 'train-4.ogg'}: this recording cannot be read.")
