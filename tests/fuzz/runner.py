"""Runs fuzzing cases in worker processes, and counts crashes, hangs, unexpected errors and connections."""

from __future__ import annotations

import json
import os
import select
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterable
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.encoding import encoded

LONGEST_S = 10.0
EXPECTED = frozenset(
    "clip NotFound EmptyFile TooLarge NoAudio Undecodable TooShort TooLong NotFinite".split()  # noqa: SIM905
)


@dataclass
class Report:
    """What happened to the cases.

    Attributes:
        outcomes: how often each outcome was seen.
        kinds: how many cases of each kind there were.
        failures: case number to what should not have happened.
        connections: connections that a decoder opened.
        slowest_s: the longest time of a case.
    """

    outcomes: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    failures: dict[int, str] = field(default_factory=dict)
    connections: int = 0
    slowest_s: float = 0.0


class Worker:
    """One decoding process; `decode` starts it again after it died."""

    def __init__(self, folder: Path, targets: tuple[str, ...]) -> None:
        self.command = [sys.executable, "-m", "tests.fuzz.worker", str(folder), *targets]
        self.process: subprocess.Popen[str] | None = None

    def decode(self, number: int) -> dict[str, str]:
        """The worker's answer, or what ended it."""
        if self.process is None:
            environment = os.environ | {"OMP_NUM_THREADS": "1", "AV_LOG_LEVEL": "quiet"}
            self.process = subprocess.Popen(
                self.command, stdin=-1, stdout=-1, stderr=subprocess.DEVNULL, text=True, env=environment
            )
            self._ask(0)  # the first case waits for imports
        return self._ask(number)

    def _ask(self, number: int) -> dict[str, str]:
        process = self.process
        assert process is not None and process.stdin is not None and process.stdout is not None
        with suppress(BrokenPipeError):
            process.stdin.write(f"{number}\n")
            process.stdin.flush()
        ready, _, _ = select.select([process.stdout], [], [], 6 * LONGEST_S)
        line = process.stdout.readline() if ready else ""
        if line:
            answer: dict[str, str] = json.loads(line)
            return answer
        if ready:
            process.wait()
        self.close()
        return {
            "kind": "unknown",
            "outcome": f"the process ended with status {process.returncode}" if ready else "hung",
        }

    def close(self) -> None:
        """End the process."""
        if self.process:
            self.process.kill()
            with suppress(BrokenPipeError):
                self.process.communicate()
            self.process = None


def run(numbers: Iterable[int]) -> Report:
    """Decode the cases of these numbers, one after the other."""
    report = Report()
    with TemporaryDirectory() as folder, closing(socket.create_server(("127.0.0.1", 0))) as listener:
        listener.setblocking(False)
        secret = Path(folder) / "secret"
        secret.mkdir()
        (secret / "other.wav").write_bytes(encoded("WAV/PCM_16", 48_000, 1, 1.0))
        uploads = Path(folder) / "uploads"
        uploads.mkdir()
        address = f"http://127.0.0.1:{listener.getsockname()[1]}/other.wav"
        worker = Worker(uploads, (str(secret / "other.wav"), address, "file:///etc/passwd", "../secret/other.wav"))
        with closing(worker):
            for number in numbers:
                start_s = time.monotonic()
                answer = worker.decode(number)
                _count(report, number, answer, time.monotonic() - start_s)
        report.connections = _connections(listener)
    return report


def _count(report: Report, number: int, answer: dict[str, str], duration_s: float) -> None:
    outcome = answer["outcome"] if duration_s <= LONGEST_S else f"took {duration_s:.0f} s"
    report.outcomes[outcome] += 1
    report.kinds[answer["kind"]] += 1
    report.slowest_s = max(report.slowest_s, duration_s)
    if outcome not in EXPECTED:
        report.failures[number] = outcome


def _connections(listener: socket.socket) -> int:
    """How many connections wait to be accepted."""
    count = 0
    while True:
        try:
            listener.accept()[0].close()
        except BlockingIOError:
            return count
        count += 1
