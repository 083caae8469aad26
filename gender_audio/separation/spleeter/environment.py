"""Spleeter's own environment: an interpreter with its packages, and Deezer's checkpoint, in the user's cache."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from http.client import HTTPException
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.request import Request, urlopen

from gender_audio.separation import SeparationError
from gender_audio.separation.spleeter.worker import MODEL

Told = Callable[[str], None]

REQUIREMENTS = Path(__file__).with_name("requirements.txt")
ARCHIVE = f"https://github.com/deezer/spleeter/releases/download/v1.4.0/{MODEL}.tar.gz"
PATIENCE_S = 20.0
PUBLISHED = {
    "checkpoint": "011c96b970c1f56137037924fe1a0f0851369b0ee6692e120aea798615326f48",
    "model.data-00000-of-00001": "7747f9fd2c782306dbec1504360fbb645a097a48446f23486c3ff9c89bc11788",
    "model.index": "55661a09f79c86071fc7077b44b4cf1f01b6d82bbbb83ed94cb68a2f9944e378",
    "model.meta": "6e1f6d86a22bb452a58cb20e3de87b416f8a79e626ca223e20f763ab2d21ec95",
}
"""SHA-256 of the files in Deezer's archive."""

PYTHONS = ("python3.11", "python3.10", "python3.9", "python3.8", "python3")
FITS = "import ensurepip, sys; sys.exit(not (3, 8) <= sys.version_info[:2] < (3, 12))"
NO_PYTHON = (
    "Spleeter needs Python 3.8 to 3.11 with the venv module, and none was found; please install one, for example "
    "with `uv python install 3.11`, `pyenv install 3.11` or `apt install python3.11-venv`, and try again."
)
UNREACHABLE = f"Deezer's checkpoint cannot be reached at {ARCHIVE}; please check the network and try again."
INSTALL = "please run `python -m gender_audio spleeter install`."
FETCH = f"from spleeter.model.provider import ModelProvider; ModelProvider.default().get({MODEL!r})"


def home() -> Path:
    """Where Spleeter is installed unless told otherwise."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "gender-audio" / "spleeter"


@dataclass(frozen=True)
class Environment:
    """A folder with everything Spleeter needs. MODEL_PATH, where it is set, names the folder of the checkpoint instead.

    Attributes:
        folder: holds the environment and the checkpoint, or does not exist.
        models: folder of the checkpoint's own folder, given by the user; None where it is Deezer's own.
    """

    folder: Path
    models: Path | None = None

    @classmethod
    def of_user(cls) -> Environment:
        """The one in the user's cache."""
        given = os.environ.get("MODEL_PATH")
        return cls(home(), Path(given).absolute() if given else None)

    @property
    def python(self) -> Path:
        """Spleeter's interpreter."""
        return self.folder / "python" / "bin" / "python"

    @property
    def model_path(self) -> Path:
        """What Spleeter calls MODEL_PATH."""
        return self.models or self.folder / "models"

    def problem(self) -> str:
        """Why Spleeter cannot be used, empty if it can."""
        if not self.python.exists():
            return f"Spleeter is not installed; {INSTALL}"
        return self.checkpoint_problem()

    def checkpoint_problem(self) -> str:
        """Why the checkpoint cannot be used, empty if it can. A given one is looked at again when it is loaded."""
        folder = self.model_path / MODEL
        if not folder.is_dir():
            return f"There is no checkpoint in {folder}; {self._advice}"
        for name in PUBLISHED:
            if not (folder / name).is_file() or not (folder / name).stat().st_size:
                return f"The checkpoint in {folder} has no {name}; {self._advice}"
        if self.models is None and self.digests() != PUBLISHED:
            return f"The checkpoint in {folder} is not the one that Deezer published; {self._advice}"
        return ""

    def digests(self) -> dict[str, str]:
        """File of the checkpoint to SHA-256."""
        from gender_audio.weights import digest

        return {name: digest(self.model_path / MODEL / name) for name in PUBLISHED}

    @property
    def fingerprint(self) -> str:
        """Names the checkpoint, for cards of members that are trained behind it; there must be one."""
        return sha256(repr(self.digests()).encode()).hexdigest()[:16]

    @property
    def _advice(self) -> str:
        if self.models is None:
            return "please run `python -m gender_audio spleeter remove` and `install` again."
        return "please complete it, or unset MODEL_PATH to use Deezer's own."

    def install(self, told: Told) -> None:
        """Make the environment and fetch the checkpoint; in the end there is all of it or nothing.

        Args:
            told: hears what is being done, line by line.

        Raises:
            SeparationError: there is no Python, no network or no place that will do, or not the right checkpoint.
        """
        if self.models and (problem := self.checkpoint_problem()):
            raise SeparationError(problem)
        interpreter = find_python()
        if not self.models:
            told("Looking for Deezer's checkpoint")
            _reach(ARCHIVE)
        with self._kept("installed"), self.unfinished() as new:
            new.build(interpreter, told)
            if not self.models:
                new.fetch(told)

    @contextmanager
    def unfinished(self) -> Iterator[Environment]:
        """One beside this folder, which takes its place if nothing fails and is deleted otherwise."""
        self.folder.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=self.folder.parent, prefix=f".{self.folder.name}-") as place:
            new = Environment(Path(place) / "new", self.models)
            yield new
            if self.folder.exists():
                shutil.rmtree(self.folder)
            new.folder.rename(self.folder)

    def build(self, interpreter: str, told: Told) -> None:
        """Make the environment of an interpreter and install Spleeter's packages."""
        told("Making an environment")
        _run([interpreter, "-m", "venv", str(self.python.parents[1])], told)
        told("Installing Spleeter and TensorFlow: 0.7 GB to download, 2.4 GB on the disk")
        pip = [str(self.python), "-m", "pip", "install", "--disable-pip-version-check", "--progress-bar", "off"]
        _run([*pip, "-r", str(REQUIREMENTS)], told)

    def fetch(self, told: Told) -> None:
        """Fetch Deezer's checkpoint as Spleeter itself does."""
        told("Fetching Deezer's checkpoint: 73 MB")
        self.model_path.mkdir(parents=True)
        _run([str(self.python), "-I", "-c", FETCH], told, MODEL_PATH=str(self.model_path))
        if problem := self.checkpoint_problem():
            raise SeparationError(problem)

    def remove(self) -> bool:
        """Delete everything that was installed, and what interrupted installations left; whether there was anything.

        Raises:
            SeparationError: it may not be deleted.
        """
        with self._kept("removed"):
            left = self.folder.parent.glob(f".{self.folder.name}-*")
            folders = [*left, *([self.folder] if self.folder.exists() else [])]
            for folder in folders:
                shutil.rmtree(folder)
        return bool(folders)

    @contextmanager
    def _kept(self, done: str) -> Iterator[None]:
        """Say what the disk refuses."""
        try:
            yield
        except OSError as error:
            place, reason = error.filename or self.folder, error.strerror or error
            raise SeparationError(
                f"Spleeter could not be {done} ({place}: {reason}); please check that you may write there and "
                "that the disk is not full, or let XDG_CACHE_HOME name another folder."
            ) from error


def find_python() -> str:
    """An interpreter that Spleeter can live with.

    Raises:
        SeparationError: there is none.
    """
    for candidate in filter(None, (sys.executable, *map(shutil.which, PYTHONS))):
        # Run it: pyenv puts names on the path that lead nowhere.
        if subprocess.run([candidate, "-c", FITS], capture_output=True, check=False).returncode == 0:
            return candidate
    raise SeparationError(NO_PYTHON)


def _reach(address: str) -> None:
    """Whether the network brings us there, before anything large is fetched."""
    try:
        urlopen(Request(address, method="HEAD"), timeout=PATIENCE_S).close()
    except (OSError, HTTPException) as error:
        raise SeparationError(UNREACHABLE) from error


def _run(command: list[str], told: Told, **environment: str) -> None:
    """Run a command to its end; its last complaint is in the error if it fails."""
    complaint = ""
    with subprocess.Popen(
        command,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    ) as process:
        for line in process.stdout or ():
            told(line.strip())
            complaint = line.strip() or complaint
    if process.returncode:
        raise SeparationError(f"Spleeter could not be installed, and nothing of it was kept: {complaint}")
