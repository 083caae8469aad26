"""Installs Deezer's package in the user's cache: a virtual environment with its packages, and a checkpoint."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from gender_audio.separation.base import SeparationError
from gender_audio.separation.spleeter_package.worker import MODEL

Log = Callable[[str], None]

REQUIREMENTS = Path(__file__).with_name("requirements.txt")
SCRIPT = Path(__file__).with_name("write_checkpoint.py")
FILES = ("checkpoint", "model.data-00000-of-00001", "model.index", "model.meta")
"""Files of a checkpoint."""
SOURCE = "weights.txt"
"""File beside an installed checkpoint: the fingerprint of the weights that it was written from."""
VARIABLES = {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}
"""Turn off log messages, and the GPU: TensorFlow would take all of its memory."""

PYTHONS = ("python3.11", "python3.10", "python3.9", "python3.8", "python3")
VERSION_CHECK = "import ensurepip, sys; sys.exit(not (3, 8) <= sys.version_info[:2] < (3, 12))"
NO_PYTHON = (
    "Spleeter needs Python 3.8 to 3.11 with the venv module, and none was found; please install one, for example "
    "with `uv python install 3.11`, `pyenv install 3.11` or `apt install python3.11-venv`, and try again."
)
INSTALL_ADVICE = "please run `python -m gender_audio spleeter install`."


def default_folder() -> Path:
    """The folder in the user's cache that Deezer's package is installed in."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "gender-audio" / "spleeter"


@dataclass(frozen=True)
class Environment:
    """A folder with everything that the package needs. If MODEL_PATH is set, the checkpoint is in that folder instead.

    Attributes:
        folder: holds the virtual environment and the checkpoint; may not exist yet.
        models: parent folder of the user's own checkpoint; None for the weights of the repository.
    """

    folder: Path
    models: Path | None = None

    @classmethod
    def default(cls) -> Environment:
        """The environment in the user's cache, with MODEL_PATH if it is set."""
        model_path = os.environ.get("MODEL_PATH")
        return cls(default_folder(), Path(model_path).absolute() if model_path else None)

    @property
    def python(self) -> Path:
        """The Python interpreter of the virtual environment."""
        return self.folder / "python" / "bin" / "python"

    @property
    def model_path(self) -> Path:
        """The folder that Spleeter calls MODEL_PATH."""
        return self.models or self.folder / "models"

    def problem(self) -> str:
        """Why the package cannot be used; empty if it can."""
        if not self.python.exists():
            return f"Deezer's package is not installed; {INSTALL_ADVICE}"
        return self.checkpoint_problem()

    def checkpoint_problem(self) -> str:
        """Why the checkpoint cannot be used; empty if it can. The worker checks a user's own checkpoint in detail."""
        folder = self.model_path / MODEL
        if not folder.is_dir():
            return f"There is no checkpoint in {folder}; {self._advice}"
        for name in FILES:
            if not (folder / name).is_file() or not (folder / name).stat().st_size:
                return f"The checkpoint in {folder} has no {name}; {self._advice}"
        if self.models is None and not self._is_current():
            return f"The checkpoint in {folder} was not written from the weights of this version; {self._advice}"
        return ""

    def _is_current(self) -> bool:
        """Whether the installed checkpoint was written from the weights of the repository."""
        source = self.model_path / MODEL / SOURCE
        return source.is_file() and source.read_text(encoding="utf8") == _shipped_weights()

    @property
    def fingerprint(self) -> str:
        """Sixteen hex digits that name the checkpoint, which must exist; a card carries them."""
        if self.models is None:
            return _shipped_weights()
        from gender_audio import weights

        digests = {name: weights.digest(self.model_path / MODEL / name) for name in FILES}
        return sha256(repr(digests).encode()).hexdigest()[:16]

    @property
    def _advice(self) -> str:
        if self.models is None:
            return "please run `python -m gender_audio spleeter remove` and `install` again."
        return "please complete it, or unset MODEL_PATH to use the weights of the repository."

    def install(self, log: Log) -> None:
        """Install the packages and write the checkpoint; if anything fails, nothing is left.

        Args:
            log: called with every line about the progress.

        Raises:
            SeparationError: there is no suitable Python, no network, no writable folder, or the checkpoint is wrong.
            WeightsError: the weights are missing or damaged.
        """
        if self.models and (problem := self.checkpoint_problem()):
            raise SeparationError(problem)
        interpreter = find_python()
        with self._disk_errors("installed"), self.replacement() as new:
            new.build(interpreter, log)
            if not self.models:
                new.write_checkpoint(log)

    @contextmanager
    def replacement(self) -> Iterator[Environment]:
        """A new environment beside this folder: replaces it if nothing fails, and is deleted otherwise."""
        self.folder.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=self.folder.parent, prefix=f".{self.folder.name}-") as place:
            new = Environment(Path(place) / "new", self.models)
            yield new
            if self.folder.exists():
                shutil.rmtree(self.folder)
            new.folder.rename(self.folder)

    def build(self, interpreter: str, log: Log) -> None:
        """Create the virtual environment and install the packages."""
        log("Creating a virtual environment")
        _run([interpreter, "-m", "venv", str(self.python.parents[1])], log)
        log("Installing Spleeter and TensorFlow: 0.7 GB to download, 2.4 GB on disk")
        pip = [str(self.python), "-m", "pip", "install", "--disable-pip-version-check", "--progress-bar", "off"]
        _run([*pip, "-r", str(REQUIREMENTS)], log)

    def write_checkpoint(self, log: Log) -> None:
        """Write the weights of the repository as a TensorFlow checkpoint."""
        from gender_audio.separation.spleeter_package.variables import checkpoint_variables

        log("Writing the checkpoint")
        folder = self.model_path / MODEL
        folder.mkdir(parents=True)
        with TemporaryDirectory() as place:
            arrays, variables = Path(place) / "variables.npz", checkpoint_variables()
            np.savez(arrays, allow_pickle=False, **variables)
            _run([str(self.python), "-I", str(SCRIPT), str(arrays), str(folder)], log, **VARIABLES)
        (folder / SOURCE).write_text(_shipped_weights(), encoding="utf8")
        if problem := self.checkpoint_problem():
            raise SeparationError(problem)

    def remove(self) -> bool:
        """Delete the installation and what interrupted ones left; return whether anything was deleted.

        Raises:
            SeparationError: a file cannot be deleted.
        """
        with self._disk_errors("removed"):
            remains = self.folder.parent.glob(f".{self.folder.name}-*")
            folders = [*remains, *([self.folder] if self.folder.exists() else [])]
            for folder in folders:
                shutil.rmtree(folder)
        return bool(folders)

    @contextmanager
    def _disk_errors(self, action: str) -> Iterator[None]:
        """Turn an OSError into a SeparationError."""
        try:
            yield
        except OSError as error:
            place, reason = error.filename or self.folder, error.strerror or error
            raise SeparationError(
                f"Spleeter could not be {action} ({place}: {reason}); please check that you may write there and "
                "that the disk is not full, or let XDG_CACHE_HOME name another folder."
            ) from error


def find_python() -> str:
    """A Python interpreter that Spleeter can be installed with.

    Raises:
        SeparationError: there is no such interpreter.
    """
    for candidate in filter(None, (sys.executable, *map(shutil.which, PYTHONS))):
        # Run it: with pyenv, a name on the path may belong to a version that is not installed.
        if subprocess.run([candidate, "-c", VERSION_CHECK], capture_output=True, check=False).returncode == 0:
            return candidate
    raise SeparationError(NO_PYTHON)


def _shipped_weights() -> str:
    """The fingerprint of the weights of the repository."""
    from gender_audio import weights
    from gender_audio.separation.spleeter import SYSTEM

    return weights.fingerprint(SYSTEM)


def _run(command: list[str], log: Log, **environment: str) -> None:
    """Run a command. If it fails, the error contains the last line of its output."""
    last_line = ""
    with subprocess.Popen(
        command,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    ) as process:
        for line in process.stdout or ():
            log(line.strip())
            last_line = line.strip() or last_line
    if process.returncode:
        raise SeparationError(f"Spleeter could not be installed, and no files were left: {last_line}")
