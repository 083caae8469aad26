"""Client of the worker process: starts it when it is first needed and restarts it if it ended."""

from __future__ import annotations

import os
import subprocess
import threading
import weakref
from collections.abc import Mapping, Sequence
from contextlib import suppress

import numpy as np

from gender_audio.separation.base import SeparationError
from gender_audio.separation.spleeter_package.worker import WorkerError, receive, send

STOPPED = "Spleeter's process ended twice without an answer (status {}); please check that enough memory is free."


class ProcessEndedError(Exception):
    """The process ended before it answered; the argument is its exit status."""


class Worker:
    """Sends an array to a process that uses the messages of `worker.py`, and returns the array that it answers.

    Threads may share a worker; their requests are handled one after another. The process ends with this object.

    Args:
        command: starts the process; the id of this process is appended.
        environment: environment variables in addition to those of this process.
        start_s, answer_s: time limits in seconds for the start and for each answer; then the process is killed.
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
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None

    def __call__(self, array: np.ndarray) -> np.ndarray:
        """The answer to an array. If the process ends instead, a new one is tried once.

        Raises:
            SeparationError: the process cannot start, reports an error, takes too long, or ends again.
        """
        with self._lock:
            try:
                return self._request(self._running(), array, self.answer_s)
            except ProcessEndedError:
                pass
            try:
                return self._request(self._running(), array, self.answer_s)
            except ProcessEndedError as ended:
                raise SeparationError(STOPPED.format(*ended.args)) from ended

    @property
    def pid(self) -> int | None:
        """Id of the running process, or None."""
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
            self._request(self._process, None, self.start_s)
        return self._process

    def _request(self, process: subprocess.Popen[bytes], array: np.ndarray | None, limit_s: float) -> np.ndarray:
        """Send an array, or nothing, and return the next answer; without a proper one, the process is killed."""
        assert process.stdin and process.stdout
        timed_out = threading.Event()

        def stop() -> None:
            timed_out.set()
            process.kill()

        watchdog = threading.Timer(limit_s, stop)
        watchdog.start()
        try:
            if array is not None:
                send(process.stdin, array)
            return receive(process.stdout)
        except WorkerError as error:
            _end(process)
            raise SeparationError(str(error)) from error
        except (EOFError, BrokenPipeError) as error:
            _end(process)
            if timed_out.is_set():
                raise SeparationError(f"Spleeter took longer than {limit_s:g} s and was stopped.") from error
            raise ProcessEndedError(process.returncode) from error
        except BaseException:
            _end(process)  # a part of an answer may be left in the pipe
            raise
        finally:
            watchdog.cancel()


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout):
        with suppress(BrokenPipeError):
            pipe.close()  # type: ignore[union-attr]
