"""`spleeter` on the command line, and what the other commands print without it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from gender_audio.separation import SeparationError
from gender_audio.separation.spleeter_package import environment
from gender_audio.separation.spleeter_package.environment import Environment
from gender_audio.weights import WeightsError
from tests.cli.invoke import run


@pytest.fixture
def not_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the Spleeter environment, which does not exist."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("MODEL_PATH", raising=False)
    return tmp_path / "cache" / "gender-audio" / "spleeter"


@pytest.mark.usefixtures("not_installed")
@pytest.mark.parametrize("command", [["spleeter", "status"], ["classify"], ["separate"]])
def test_commands_without_spleeter_print_how_to_install_it(tone: Path, tmp_path: Path, command: list[object]) -> None:
    files = {"classify": [tone], "separate": [tone, "--out", tmp_path / "out"]}.get(str(command[0]))
    result = run(*command, *([*files, "--separator", "spleeter-package"] if files else []))
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == "Deezer's package is not installed; please run `python -m gender_audio spleeter install`.\n"


@pytest.mark.parametrize("problem", [SeparationError("No network."), WeightsError("No weights.")])
def test_failed_install_prints_the_reason_and_leaves_no_files(
    problem: Exception, not_installed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise problem

    monkeypatch.setattr(Environment, "build", fail)
    result = run("spleeter", "install")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.splitlines()[-1] == str(problem)
    assert not not_installed.exists()
    assert run("spleeter", "remove").stdout == "Deezer's package is not installed.\n"


def test_spleeter_install_status_and_remove(not_installed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def install(place: Environment, progress: Callable[[str], None]) -> None:
        progress("Collecting [spleeter]")
        place.python.parent.mkdir(parents=True)
        place.python.touch()

    monkeypatch.setattr(Environment, "install", install)
    monkeypatch.setattr(Environment, "checkpoint_problem", lambda place: "")
    result = run("spleeter", "install")
    assert result.exit_code == 0
    assert "Collecting [spleeter]" in result.stderr and str(not_installed) in result.stdout
    assert run("spleeter", "install").stdout.startswith("Deezer's package is already installed")
    assert "is ready" in run("spleeter", "status").stdout
    assert run("spleeter", "remove").exit_code == 0
    assert not not_installed.exists()


def test_remove_without_permission_prints_one_line(not_installed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path) -> None:
        raise PermissionError(13, "Permission denied", str(path / "python"))

    not_installed.mkdir(parents=True)
    monkeypatch.setattr(environment.shutil, "rmtree", refuse)
    result = run("spleeter", "remove")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(f"Spleeter could not be removed ({not_installed / 'python'}: Permission denied)")
    assert result.stderr.count("\n") == 1
