"""Spleeter on the command line, whether it is there or not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from gender_audio.separation import SeparationError
from gender_audio.separation.spleeter import environment
from gender_audio.separation.spleeter.environment import Environment
from gender_audio.systems.singing import SingingClassifier
from tests.cli.test_classify import run


@pytest.fixture
def nothing_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder for Spleeter, which does not exist."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("MODEL_PATH", raising=False)
    return tmp_path / "cache" / "gender-audio" / "spleeter"


@pytest.mark.usefixtures("nothing_installed")
@pytest.mark.parametrize("command", [["spleeter", "status"], ["classify"], ["separate"]])
def test_what_needs_spleeter_says_how_to_install_it(tone: Path, tmp_path: Path, command: list[object]) -> None:
    files = {"classify": [tone], "separate": [tone, "--out", tmp_path / "out"]}.get(str(command[0]))
    result = run(*command, *([*files, "--separator", "spleeter"] if files else []))
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == "Spleeter is not installed; please run `python -m gender_audio spleeter install`.\n"


def test_installing_without_a_network_is_one_sentence_and_leaves_nothing(
    nothing_installed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(environment, "ARCHIVE", "http://127.0.0.1:9/2stems.tar.gz")
    result = run("spleeter", "install")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.splitlines()[-1].startswith("Deezer's checkpoint cannot be reached")
    assert not nothing_installed.exists()
    assert run("spleeter", "remove").stdout == "Spleeter is not installed.\n"


def test_spleeter_is_installed_shown_and_removed(nothing_installed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def install(place: Environment, told: Callable[[str], None]) -> None:
        told("Collecting [spleeter]")
        place.python.parent.mkdir(parents=True)
        place.python.touch()

    monkeypatch.setattr(Environment, "install", install)
    monkeypatch.setattr(Environment, "checkpoint_problem", lambda place: "")
    result = run("spleeter", "install")
    assert result.exit_code == 0
    assert "Collecting [spleeter]" in result.stderr and str(nothing_installed) in result.stdout
    assert run("spleeter", "install").stdout.startswith("Spleeter is already installed")
    assert "is ready" in run("spleeter", "status").stdout
    assert run("spleeter", "remove").exit_code == 0
    assert not nothing_installed.exists()


def test_what_may_not_be_removed_is_a_sentence(nothing_installed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path) -> None:
        raise PermissionError(13, "Permission denied", str(path / "python"))

    nothing_installed.mkdir(parents=True)
    monkeypatch.setattr(environment.shutil, "rmtree", refuse)
    result = run("spleeter", "remove")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(
        f"Spleeter could not be removed ({nothing_installed / 'python'}: Permission denied)"
    )
    assert result.stderr.count("\n") == 1


def test_what_a_separator_cannot_do_is_said_of_the_file(monkeypatch: pytest.MonkeyPatch, tone: Path) -> None:
    def fail(*_: object) -> None:
        raise SeparationError("Spleeter took longer than 120 s and was stopped.")

    monkeypatch.setattr(SingingClassifier, "load", lambda **options: fail)
    result = run("classify", tone, "--separator", "spleeter")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == f"{tone}: Spleeter took longer than 120 s and was stopped.\n"
