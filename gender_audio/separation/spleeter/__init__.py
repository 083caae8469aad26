"""Deezer's Spleeter with two stems (Hennequin et al. 2020), in an environment and a process of its own."""

from __future__ import annotations

from pathlib import Path

from gender_audio.audio import Clip
from gender_audio.separation import SeparationError, Stems
from gender_audio.separation.chunks import Chunks
from gender_audio.separation.spleeter.environment import Environment
from gender_audio.separation.spleeter.process import Worker

RATE = 44_100
"""What Spleeter was trained at, in Hz."""

WHOLE = Chunks(length_s=23.6)
"""Two of the segments that the network takes at once, with what Spleeter puts before them."""

SCRIPT = Path(__file__).with_name("worker.py")
QUIET = {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}
"""No chatter, and no GPU: TensorFlow would take all of its memory from the other networks."""


class Spleeter:
    """Separates stereo at 44.1 kHz; the process starts with the first clip and ends with this object."""

    name = "spleeter"

    def __init__(self, worker: Worker) -> None:
        self.worker = worker

    @classmethod
    def load(cls, environment: Environment | None = None) -> Spleeter:
        """The Spleeter of an environment, or of the user's.

        Raises:
            SeparationError: it is not installed, or its checkpoint is missing or the wrong one.
        """
        environment = environment or Environment.of_user()
        if problem := environment.problem():
            raise SeparationError(problem)
        command = [str(environment.python), "-I", str(SCRIPT)]
        return cls(Worker(command, {**QUIET, "MODEL_PATH": str(environment.model_path)}))

    def __call__(self, clip: Clip) -> Stems:
        """Stems [2, n] at 44.1 kHz. Spleeter drops what lies above 11 kHz; here it stays with the accompaniment.

        Raises:
            SeparationError: the process cannot start, takes too long, or dies twice over a chunk.
        """
        return Stems(WHOLE.apply(self.worker, clip.stereo(RATE).copy(), RATE), clip, RATE)
