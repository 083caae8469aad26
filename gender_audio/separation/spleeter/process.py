"""The worker process, seen from here: started when first needed, asked one thing at a time, replaced when it dies."""

from __future__ import annotations

import os
import subprocess
import threading
import weakref
from collections.abc import Mapping, Sequence
from contextlib import suppress

import numpy as np

from gender_audio.separation import SeparationError
from gender_audio.separation.spleeter.worker import RefusalError, receive, send

STOPPED = "Spleeter's process ended twice without an answer (status {}); please check that enough memory is free."


class DeathError(Exception):
    """The process ended before it had answered; the argument is its exit status."""


class Worker:
    """Arrays in, arrays out, through a process that speaks the messages of `worker.py`.

    Threads may share it: each waits until the one before has its answer. The process ends with this object.

    Args:
        command: starts the process; the number of this process is added.
        environment: variables on top of those of this process.
        start_s, answer_s: time in seconds for starting and for each answer, after which the process is ended.
    """

    def __init__(
        self,
        command: Sequence[str],
        environment: Mapping[str, str],
        start_s: float = 180.0,
        answer_s: float = 120.0,
    ) -> None:
        self.command = [*command, str(os.getpid())]
        self.environment = {**os.environ, **environment}
        self.start_s = start_s
        self.answer_s = answer_s
        self._turn = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None

    def __call__(self, array: np.ndarray) -> np.ndarray:
        """The answer to an array; a process that dies over it is replaced once.

        Raises:
            SeparationError: the process cannot start, refuses, takes too long, or dies again.
        """
        with self._turn:
            try:
                return self._ask(self._running(), array, self.answer_s)
            except DeathError:
                pass
            try:
                return self._ask(self._running(), array, self.answer_s)
            except DeathError as death:
                raise SeparationError(STOPPED.format(*death.args)) from death

    @property
    def pid(self) -> int | None:
        """Number of the process that is running; None where there is none."""
        return self._process.pid if self._process and self._process.poll() is None else None

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            try:
                self._process = subprocess.Popen(
                    self.command,
                    env=self.environment,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                )
            except OSError as error:
                raise SeparationError(f"{self.command[0]} cannot be started; please install Spleeter again.") from error
            weakref.finalize(self, _end, self._process)
            self._ask(self._process, None, self.start_s)
        return self._process

    def _ask(self, process: subprocess.Popen[bytes], array: np.ndarray | None, limit_s: float) -> np.ndarray:
        """The next answer of the process, to an array or to nothing; one that did not answer well is ended."""
        assert process.stdin and process.stdout
        late = threading.Event()

        def stop() -> None:
            late.set()
            process.kill()

        watchdog = threading.Timer(limit_s, stop)
        watchdog.start()
        try:
            if array is not None:
                send(process.stdin, array)
            return receive(process.stdout)
        except RefusalError as refusal:
            _end(process)
            raise SeparationError(str(refusal)) from refusal
        except (EOFError, BrokenPipeError) as error:
            _end(process)
            if late.is_set():
                raise SeparationError(f"Spleeter took longer than {limit_s:g} s and was stopped.") from error
            raise DeathError(process.returncode) from error
        except BaseException:
            _end(process)  # half an answer may be left in the pipe
            raise
        finally:
            watchdog.cancel()


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout):
        with suppress(BrokenPipeError):
            pipe.close()  # type: ignore[union-attr]
