"""The application as a server process: time until its page loads, and its memory."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from train.engine.memory import peak_bytes

ROOT = Path(__file__).resolve().parents[1]
TIMEOUT_S = 180.0


@dataclass(frozen=True)
class ServerCost:
    """Seconds from starting `python app.py` until the page loads, and the server's peak memory in bytes."""

    start_s: float
    peak_bytes: int


def measure(recordings: Sequence[Path]) -> ServerCost:
    """Start the application, load its page, classify every recording through the API, and stop it."""
    from gradio_client import Client, handle_file

    with application() as (process, address):
        start = time.perf_counter()
        wait_for(process, address)
        start_s = time.perf_counter() - start
        client = Client(address, verbose=False)
        for recording in recordings:
            client.predict(handle_file(recording), api_name="/classify")
        return ServerCost(start_s, peak_bytes(process.pid))


@contextmanager
def application() -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """The process of the application, and the address of its page; it ends with the context."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environment = {**os.environ, "GRADIO_SERVER_NAME": "127.0.0.1", "GRADIO_SERVER_PORT": str(port)}
    process = subprocess.Popen([sys.executable, "app.py"], cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
    try:
        yield process, f"http://127.0.0.1:{port}/"
    finally:
        process.terminate()
        process.wait()


def open_files(process: int) -> int:
    """How many files and connections a process has open."""
    return len(list(Path(f"/proc/{process}/fd").iterdir()))


def wait_for(process: subprocess.Popen[bytes], address: str) -> None:
    """Wait until the page loads.

    Raises:
        TimeoutError: it does not within `TIMEOUT_S`.
    """
    deadline = time.monotonic() + TIMEOUT_S
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urlopen(address) as page:
                page.read()
            return
        except URLError:
            time.sleep(0.05)
    raise TimeoutError(f"The application did not answer at {address} within {TIMEOUT_S:g} s.")
