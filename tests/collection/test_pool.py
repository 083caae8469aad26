"""Processes that die, and the command with interruptions."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from gender_audio import synth
from gender_audio.audio import write
from gender_audio.collection import pool

pytestmark = pytest.mark.slow
FILES = 60
NAMES = [*(f"{number:02}.wav" for number in range(FILES)), "broken.mp3"]


def prepare() -> None:
    """Nothing to load."""


def length_or_death(path: Path) -> int:
    """The length of a name; a process that gets the name `deadly` ends."""
    if path.name == "deadly":
        os._exit(7)
    return len(path.name)


def test_a_file_that_ends_its_process_costs_only_itself() -> None:
    names = [Path("a" * number) for number in range(1, 12)]
    names.insert(3, Path("deadly"))
    answers = list(pool.run(length_or_death, names, 2, prepare, lambda path: -len(path.name)))
    assert sorted(answers) == [-6, *range(1, 12)]


def start(folder: Path, out: Path) -> subprocess.Popen[bytes]:
    options = ["--out", out, "--system", "speech-mfcc", "--jobs", "2"]
    return subprocess.Popen(
        [sys.executable, "-m", "gender_audio", "tag", folder, *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
    )


def wait_for_rows(process: subprocess.Popen[bytes], journal: Path, count: int) -> None:
    """Wait until the journal has some rows."""
    end = time.monotonic() + 120
    while time.monotonic() < end and process.poll() is None:
        if journal.exists() and journal.read_bytes().count(b"\n") >= count:
            return
        time.sleep(0.02)
    pytest.fail(f"no {count} rows; {process.stderr.read().decode() if process.poll() is not None else 'too slow'}")


def test_interrupted_twice_no_file_is_twice_or_missing(tmp_path: Path) -> None:
    folder, out = tmp_path / "music", tmp_path / "tags.csv"
    folder.mkdir()
    voice = synth.example("female-like")
    for number in range(FILES):
        start_at = number * 500
        write(folder / f"{number:02}.wav", voice.samples[:, start_at : start_at + voice.rate], voice.rate)
    (folder / "broken.mp3").write_bytes(b"no sound" * 100)
    (folder / "cover.jpg").write_bytes(b"picture")
    journal = out.with_name("tags.csv.journal")
    for count, stop in ((2, signal.SIGKILL), (5, signal.SIGINT)):
        process = start(folder, out)
        wait_for_rows(process, journal, count)
        process.send_signal(stop)
        process.communicate(timeout=60)
        assert process.returncode != 0 and not out.exists()
    process = start(folder, out)
    stdout, stderr = process.communicate(timeout=120)
    assert process.returncode == 2 and b"broken.mp3" in stderr, stderr.decode()
    assert f"{FILES} files classified".encode() in stdout and b"1 files are no audio" in stdout
    with out.open(newline="", encoding="utf8") as file:
        rows = list(csv.DictReader(file))
    assert [Path(row["path"]).name for row in rows] == NAMES
    finished = [json.loads(line)["path"] for line in journal.read_text(encoding="utf8").splitlines()]
    good = [path for path in finished if not path.endswith(".mp3")]
    assert len(good) == len(set(good)) == FILES
