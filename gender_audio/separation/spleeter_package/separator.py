"""Separates with Deezer's package."""

from __future__ import annotations

from pathlib import Path

from gender_audio.audio import Clip
from gender_audio.separation.base import SeparationError, Stems
from gender_audio.separation.spleeter import CHUNKS
from gender_audio.separation.spleeter_package.environment import VARIABLES, Environment
from gender_audio.separation.spleeter_package.process import Worker

NAME = "spleeter-package"
RATE = 44_100
"""Sample rate in Hz that Spleeter was trained at."""
SCRIPT = Path(__file__).with_name("worker.py")


class SpleeterPackage:
    """Separates in stereo at 44.1 kHz. Its process starts with the first clip and ends with this object."""

    name = NAME

    def __init__(self, worker: Worker) -> None:
        self.worker = worker

    @classmethod
    def load(cls, environment: Environment | None = None) -> SpleeterPackage:
        """The separator from an environment; by default from the one in the user's cache.

        Raises:
            SeparationError: the package is not installed, or its checkpoint is missing or not the right one.
        """
        environment = environment or Environment.default()
        if problem := environment.problem():
            raise SeparationError(problem)
        command = [str(environment.python), "-I", str(SCRIPT)]
        return cls(Worker(command, {**VARIABLES, "MODEL_PATH": str(environment.model_path)}))

    def __call__(self, clip: Clip) -> Stems:
        """Stems [2, n] at 44.1 kHz. Everything above 11 kHz, which Spleeter discards, is in the accompaniment.

        Raises:
            SeparationError: the process cannot start, takes too long, or ends twice during one chunk.
        """
        return Stems(CHUNKS.apply(self.worker, clip.stereo(RATE).copy(), RATE), clip, RATE)
