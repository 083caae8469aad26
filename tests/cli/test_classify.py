"""`classify` on the command line, with a fake singing system."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from gender_audio.audio import Clip
from gender_audio.cli import app
from gender_audio.separation import SeparationError
from gender_audio.systems.base import Progress
from gender_audio.systems.labels import SINGING
from gender_audio.systems.singing import SingingClassifier, SingingVerdict
from gender_audio.systems.speech_mel import MelSpeechClassifier
from gender_audio.systems.speech_mfcc import MfccSpeechClassifier
from gender_audio.weights import WeightsError
from tests.cli.conftest import Loads
from tests.cli.invoke import run
from tests.fakes import FakeSingingClassifier


def test_classify_prints_a_table_for_each_file(loaded: Loads, tone: Path) -> None:
    result = run("classify", tone, tone)
    assert result.exit_code == 0
    assert result.stdout.count("of 20 members agree") == 2
    assert result.stdout.count("tone.wav") == 2
    assert loaded == [{}]


@pytest.mark.usefixtures("loaded")
def test_json_is_a_list_and_nothing_else(tone: Path) -> None:
    result = run("classify", "--json", tone)
    assert result.exit_code == 0
    (only,) = json.loads(result.stdout)
    assert only["file"] == str(tone)
    assert only["duration_s"] == 3.0
    assert only["label"] == "female"
    assert len(only["members"]) == 20


@pytest.mark.parametrize("error", [MemoryError("too little"), KeyboardInterrupt()])
def test_json_list_is_closed_after_an_error(tone: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    class FailsOnThird(FakeSingingClassifier):
        def __call__(self, clip: Clip, progress: Progress = lambda *_: None) -> SingingVerdict:
            if len(self.clips) == 2:
                self.clips.append(clip)
                raise error
            return super().__call__(clip, progress)

    classifier = FailsOnThird()
    monkeypatch.setattr(SingingClassifier, "load", lambda **_: classifier)
    result = run("classify", tone, tone, tone, tone, "--json")
    interrupted = isinstance(error, KeyboardInterrupt)
    assert len(json.loads(result.stdout)) == (2 if interrupted else 3)
    assert result.exit_code != 0 and (interrupted or "MemoryError: too little" in result.stderr)


@pytest.mark.usefixtures("loaded")
def test_json_without_usable_files_is_an_empty_list(tmp_path: Path) -> None:
    result = run("classify", tmp_path / "gone.wav", "--json")
    assert json.loads(result.stdout) == [] and result.exit_code == 2


def test_classify_options_reach_the_singing_system(loaded: Loads, tone: Path) -> None:
    assert run("classify", tone, "--separator", "none", "--members", 3).exit_code == 0
    assert loaded == [{"separator": "none", "members": 3}]


@pytest.mark.parametrize(
    ("name", "classifier"),
    [("singer", SingingClassifier), ("speaker", MfccSpeechClassifier), ("voice", MelSpeechClassifier)],
)
def test_system_accepts_old_names(tone: Path, monkeypatch: pytest.MonkeyPatch, name: str, classifier: type) -> None:
    monkeypatch.setattr(classifier, "load", FakeSingingClassifier)
    assert run("classify", tone, "--system", name).exit_code == 0


@pytest.mark.usefixtures("loaded")
def test_unknown_system_lists_the_choices(tone: Path) -> None:
    result = run("classify", tone, "--system", "dogs")
    assert result.exit_code == 2
    assert "singing" in result.stderr


@pytest.mark.parametrize("options", [["--members", 0], ["--members", "x"], ["--separator", "magic"], ["--nonsense"]])
def test_invalid_options_are_rejected_before_loading(loaded: Loads, tone: Path, options: list[object]) -> None:
    assert run("classify", tone, *options).exit_code == 2
    assert not loaded


@pytest.mark.parametrize("error", [ValueError, WeightsError])
def test_errors_of_loading_are_one_line(monkeypatch: pytest.MonkeyPatch, tone: Path, error: type[Exception]) -> None:
    def refuse(members: int) -> SingingClassifier:
        raise error(f"There are 20 members, not {members}.")

    monkeypatch.setattr(SingingClassifier, "load", refuse)
    result = run("classify", tone, "--members", 21)
    assert (result.exit_code, result.stderr) == (2, "There are 20 members, not 21.\n")


def test_separation_errors_name_the_file(monkeypatch: pytest.MonkeyPatch, tone: Path) -> None:
    def fail(*_: object) -> None:
        raise SeparationError("Spleeter took longer than 120 s and was stopped.")

    monkeypatch.setattr(SingingClassifier, "load", lambda **_: fail)
    result = run("classify", tone, "--separator", "spleeter-package")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == f"{tone}: Spleeter took longer than 120 s and was stopped.\n"


@pytest.mark.usefixtures("loaded")
@pytest.mark.parametrize("as_json", [True, False])
def test_unusable_files_are_named_and_the_others_classified(tone: Path, tmp_path: Path, as_json: bool) -> None:
    text = tmp_path / "notes.wav"
    text.write_text("These are words. " * 100)
    result = run("classify", text, tone, tmp_path / "missing.wav", *["--json"] * as_json)
    assert result.exit_code == 2
    assert [line.split(":")[0] for line in result.stderr.splitlines()] == [str(text), str(tmp_path / "missing.wav")]
    if as_json:
        assert [entry["file"] for entry in json.loads(result.stdout)] == [str(tone)]
    else:
        assert SINGING.titles["female"] in result.stdout


@pytest.mark.usefixtures("loaded")
def test_folder_is_searched_below_without_hidden_files(tone: Path, tmp_path: Path) -> None:
    songs = tmp_path / "songs"
    for name in ("b.wav", "live/a.wav", ".draft.wav", ".trash/old.wav"):
        (songs / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(tone, songs / name)
    result = run("classify", songs, songs / ".draft.wav", "--json")
    assert (result.exit_code, result.stderr) == (0, "")
    assert [Path(entry["file"]).name for entry in json.loads(result.stdout)] == ["b.wav", "a.wav", ".draft.wav"]


@pytest.mark.usefixtures("loaded")
def test_circular_links_are_followed_once(tone: Path, tmp_path: Path) -> None:
    album, music = tmp_path / "album", tmp_path / "music"
    album.mkdir()
    music.mkdir()
    shutil.copy(tone, album / "song.wav")
    (music / "linked").symlink_to(album)
    (album / "back").symlink_to(music)
    result = run("classify", music)
    assert result.exit_code == 0 and result.stderr == ""
    assert result.stdout.count("of 20 members agree") == 1


@pytest.mark.usefixtures("loaded")
def test_empty_folder_is_unusable(tmp_path: Path) -> None:
    result = run("classify", tmp_path)
    assert result.exit_code == 2
    assert result.stderr.startswith(f"{tmp_path}: ")


@pytest.mark.usefixtures("loaded")
def test_unreadable_folder_is_named_and_the_rest_classified(
    tone: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    unreadable = tmp_path / "album" / "unreadable"
    unreadable.mkdir(parents=True)
    shutil.copy(tone, tmp_path / "album" / "open.wav")
    scandir = os.scandir

    def refuse(path: Path) -> Iterator[os.DirEntry]:
        if Path(path) == unreadable:
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)  # root may open every folder
    result = run("classify", tmp_path / "album", tmp_path / ("a" * 300), "--json")
    assert result.exit_code == 2
    assert [Path(entry["file"]).name for entry in json.loads(result.stdout)] == ["open.wav"]
    first, second = result.stderr.splitlines()
    assert first.startswith(f"{unreadable}: This folder cannot be opened") and "cannot be opened" in second


@pytest.mark.usefixtures("loaded")
@pytest.mark.parametrize(("name", "suffix"), [("audacity", "txt"), ("rttm", "rttm"), ("textgrid", "TextGrid")])
def test_formats_are_files_named_after_the_recording(tone: Path, tmp_path: Path, name: str, suffix: str) -> None:
    out = tmp_path / "new" / "labels"
    result = run("classify", tone, "--format", name, "--out", out)
    assert result.exit_code == 0
    (file,) = out.iterdir()
    assert file.name == f"tone.{suffix}" and str(file) in result.stdout.replace("\n", "")
    assert run("classify", tone, "--format", name).stdout == file.read_text(encoding="utf8")


@pytest.mark.usefixtures("loaded")
def test_existing_files_are_replaced_only_when_asked(tone: Path, tmp_path: Path) -> None:
    (tmp_path / "tone.json").write_text("mine", encoding="utf8")
    refused = run("classify", tone, "--out", tmp_path)
    assert refused.exit_code == 2 and "--overwrite" in refused.stderr
    assert (tmp_path / "tone.json").read_text(encoding="utf8") == "mine"
    assert run("classify", tone, "--out", tmp_path, "--overwrite").exit_code == 0
    assert json.loads((tmp_path / "tone.json").read_text(encoding="utf8"))["label"] == "female"


@pytest.mark.usefixtures("loaded")
def test_csv_of_several_files_has_one_header(tone: Path) -> None:
    lines = run("classify", tone, tone, "--format", "csv").stdout.splitlines()
    assert len(lines) == 3 and sum(line.startswith("file,") for line in lines) == 1


@pytest.mark.usefixtures("loaded")
def test_formats_about_one_recording_need_a_folder_for_several(tone: Path) -> None:
    result = run("classify", tone, tone, "--format", "audacity")
    assert result.exit_code == 2 and "--out" in result.stderr and not result.stdout


@pytest.mark.usefixtures("loaded")
def test_standard_input_is_a_recording(tone: Path) -> None:
    result = CliRunner().invoke(app, ["classify", "-", "--json"], input=tone.read_bytes())
    (only,) = json.loads(result.stdout)
    assert result.exit_code == 0 and only["file"] == "-" and only["duration_s"] == 3.0
