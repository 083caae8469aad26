"""`python -m bench.load`: many clients of one server; stores a record and writes docs/reliability.md from it."""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from gradio_client import Client, handle_file

from bench.server import application, open_files, wait_for
from gender_audio import synth
from gender_audio.audio import write
from train import run_records
from train.engine.memory import resident_bytes
from train.reports import reliability

CLIP_S = 3
TOLERANCE = 1e-4
"""Largest difference between two probabilities of the same clip."""


@dataclass
class Tally:
    """What one client saw: seconds of each answer, and how often an answer was wrong or the queue was full."""

    waits_s: list[float] = field(default_factory=list)
    wrong: int = 0
    refused: int = 0


@dataclass(frozen=True)
class Summary:
    """What all clients of one phase saw together."""

    clients: int
    answers: int
    per_s: float
    median_s: float
    wrong: int
    refused: int


def write_clips(folder: Path) -> list[Path]:
    """One short clip of every synthesised example."""
    paths = []
    for name, clip in synth.examples().items():
        paths.append(folder / f"{name}.wav")
        write(paths[-1], clip.samples[:, : CLIP_S * clip.rate], clip.rate)
    return paths


def ask(client: Client, path: Path) -> Mapping[str, float]:
    """The probabilities that the server gives for a clip."""
    answer: dict[str, Any] = client.predict(handle_file(path), api_name="/classify")
    probabilities: dict[str, float] = answer["probabilities"]
    return probabilities


def run_client(address: str, expected: Mapping[Path, Mapping[str, float]], end: float, seed: int) -> Tally:
    """Ask about random clips until `end`, on the monotonic clock."""
    client, choice, tally = Client(address, verbose=False), random.Random(seed), Tally()
    while time.monotonic() < end:
        path, start = choice.choice(sorted(expected)), time.monotonic()
        try:
            answer = ask(client, path)
        except Exception as error:
            full = "full" in str(error)
            tally.refused += full
            tally.wrong += not full
            time.sleep(1.0)
            continue
        tally.waits_s.append(time.monotonic() - start)
        differences = (abs(answer[label] - value) for label, value in expected[path].items())
        tally.wrong += max(differences) > TOLERANCE
    return tally


def run_phase(address: str, expected: Mapping[Path, Mapping[str, float]], clients: int, seconds: float) -> Summary:
    """Let clients ask at the same time for some seconds."""
    start = time.monotonic()
    work = partial(run_client, address, expected, start + seconds)
    with ThreadPoolExecutor(clients) as pool:
        tallies = list(pool.map(work, range(clients)))
    waits_s = [wait for tally in tallies for wait in tally.waits_s]
    return Summary(
        clients,
        len(waits_s),
        len(waits_s) / (time.monotonic() - start),
        median(waits_s),
        sum(tally.wrong for tally in tallies),
        sum(tally.refused for tally in tallies),
    )


def main() -> None:
    """Measure one client, then many."""
    parser = argparse.ArgumentParser("python -m bench.load", description=__doc__)
    parser.add_argument("--clients", type=int, default=50, help="clients at the same time")
    parser.add_argument("--seconds", type=float, default=300, help="how long they ask; one client asks a fifth of it")
    options = parser.parse_args()
    with TemporaryDirectory() as folder, application() as (process, address):
        paths = write_clips(Path(folder))
        wait_for(process, address)
        client = Client(address, verbose=False)
        expected = {path: ask(client, path) for path in paths}
        one = run_phase(address, expected, 1, options.seconds / 5)
        before = resident_bytes(process.pid), open_files(process.pid)
        many = run_phase(address, expected, options.clients, options.seconds)
        after = resident_bytes(process.pid), open_files(process.pid)
    record = {
        "command": " ".join(["python -m bench.load", *sys.argv[1:]]),
        "clip_s": CLIP_S,
        "one": asdict(one),
        "many": asdict(many),
        "memory_before": before[0],
        "memory_after": after[0],
        "files_before": before[1],
        "files_after": after[1],
    }
    run_records.write(reliability.LOAD, record)
    print(reliability.write())


if __name__ == "__main__":
    main()
