"""The installed package: built as a source archive, then as a wheel, and run outside the repository."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

import gender_audio

ROOT = Path(__file__).parents[1]

pytestmark = [pytest.mark.wheel, pytest.mark.slow]


def run(*command: object, cwd: Path) -> str:
    """Standard output of a command that must succeed, without the variables that could lead back to the repository."""
    hidden = ("PYTHONPATH", "GENDER_AUDIO_WEIGHTS")
    environment = {name: value for name, value in os.environ.items() if name not in hidden}
    finished = subprocess.run([*map(str, command)], cwd=cwd, env=environment, capture_output=True, text=True)
    assert finished.returncode == 0, finished.stderr
    return finished.stdout


@pytest.fixture(scope="module")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The source archive."""
    folder = tmp_path_factory.mktemp("sdist")
    build = f"from setuptools.build_meta import build_sdist; build_sdist({str(folder)!r})"
    run(sys.executable, "-c", build, cwd=ROOT)
    (archive,) = folder.iterdir()
    return archive


@pytest.fixture(scope="module")
def wheel(sdist: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from the source archive."""
    folder = tmp_path_factory.mktemp("wheel")
    pip = (sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "--no-cache-dir")
    run(*pip, "--wheel-dir", folder, sdist, cwd=folder)
    (built,) = folder.iterdir()
    return built


@pytest.fixture(scope="module")
def scripts(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The scripts of an environment that holds the wheel and sees the dependencies of this one."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=False, symlinks=True)
    scripts = folder / "bin"
    purelib = "import sysconfig; print(sysconfig.get_path('purelib'))"
    site_packages = Path(run(scripts / "python", "-c", purelib, cwd=folder).strip())
    (site_packages / "dependencies.pth").write_text(f"{sysconfig.get_path('purelib')}\n")
    pip = (sys.executable, "-m", "pip", "--python", scripts / "python", "install")
    run(*pip, "--no-deps", "--no-index", "--no-cache-dir", wheel, cwd=folder)
    return scripts


def test_wheel_contains_every_file_the_code_reads(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    code = {path.relative_to(ROOT).as_posix() for path in (ROOT / "gender_audio").rglob("*.py")}
    data = {
        "gender_audio/py.typed",
        "gender_audio/ui/style.css",
        "gender_audio/ui/microphone.js",
        "gender_audio/ui/song_player.js",
        "gender_audio/ui/upload.js",
        "gender_audio/separation/spleeter_package/requirements.txt",
    }
    weights = {
        f"gender_audio/shipped_weights/{path.relative_to(ROOT / 'weights').as_posix()}"
        for path in (ROOT / "weights").rglob("*")
        if path.is_file()
    }
    assert {name for name in names if ".dist-info/" not in name} == code | data | weights


def test_sdist_contains_what_building_needs(sdist: Path) -> None:
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert names >= {"pyproject.toml", "setup.py", "README.md", "LICENSE", "requirements.txt", "train/requirements.txt"}
    assert names >= {path.relative_to(ROOT).as_posix() for path in (ROOT / "weights").glob("*/*")}


def test_installed_command_classifies_with_the_weights_of_the_wheel(scripts: Path, song: Path, tmp_path: Path) -> None:
    code = "from gender_audio import weights; print(weights.FOLDER)"
    folder = Path(run(scripts / "python", "-c", code, cwd=tmp_path).strip())
    assert folder.is_relative_to(scripts.parent.resolve()) and folder.name == "shipped_weights"
    (verdict,) = json.loads(run(scripts / "who-sings", "classify", song, "--json", cwd=tmp_path))
    assert verdict["file"] == str(song) and verdict["separator"] == "unet"
    assert len(verdict["members"]) == 20


def test_installed_command_prints_its_name_and_version(scripts: Path, tmp_path: Path) -> None:
    assert run(scripts / "who-sings", "--version", cwd=tmp_path) == f"{gender_audio.__version__}\n"
    assert "Usage: who-sings " in run(scripts / "who-sings", "--help", cwd=tmp_path)
