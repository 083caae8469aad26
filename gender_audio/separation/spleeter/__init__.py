"""Deezer's Spleeter with two stems (Hennequin et al. 2020), in an environment and a process of its own."""

from __future__ import annotations

from pathlib import Path

from gender_audio.audio import Clip
from gender_audio.separation.base import SeparationError, Stems
from gender_audio.separation.chunks import Chunks
from gender_audio.separation.spleeter.environment import Environment
from gender_audio.separation.spleeter.process import Worker

RATE = 44_100
"""Sample rate in Hz that Spleeter was trained at."""

CHUNKS = Chunks(length_s=23.6)
"""Two segments of the network and the padding that Spleeter puts before them."""

SCRIPT = Path(__file__).with_name("worker.py")
VARIABLES = {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}
"""Turn off log messages, and the GPU: TensorFlow would take all of its memory."""


class Spleeter:
    """Separates in stereo at 44.1 kHz. Its process starts with the first clip and ends with this object."""

    name = "spleeter"

    def __init__(self, worker: Worker) -> None:
        self.worker = worker

    @classmethod
    def load(cls, environment: Environment | None = None) -> Spleeter:
        """Spleeter from an environment; by default from the user's cache.

        Raises:
            SeparationError: Spleeter is not installed, or its checkpoint is missing or not the right one.
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
