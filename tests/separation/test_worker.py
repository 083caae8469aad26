"""The worker process, with a stand-in for Spleeter: what it answers, and what becomes of it."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from gender_audio.separation import SeparationError
from gender_audio.separation.spleeter.process import Worker
from tests.separation.stand_in import DIE, DIE_ONCE, FAIL, SLEEP

ROOT = Path(__file__).parents[2]
COMMAND = [sys.executable, "-m", "tests.separation.stand_in"]
PATIENCE_S = 30.0


@pytest.fixture
def worker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Worker:
    monkeypatch.chdir(ROOT)
    return Worker(COMMAND, {"MODEL_PATH": str(tmp_path)})


def clip(first: float = 0.5, samples: int = 44_100) -> np.ndarray:
    noise = np.random.default_rng(0).standard_normal((2, samples)).astype(np.float32)
    noise[0, 0] = first
    return noise


def gone(pid: int) -> bool:
    """Whether the process ends while one waits."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        status = Path(f"/proc/{pid}/stat")
        if not status.exists() or status.read_text().rsplit(")", 1)[1].split()[0] == "Z":
            return True
        time.sleep(0.05)
    return False


def test_one_process_answers_clip_after_clip(worker: Worker) -> None:
    assert worker.pid is None
    first = worker(clip())
    pid = worker.pid
    np.testing.assert_array_equal(first, clip() / 2)
    np.testing.assert_array_equal(worker(clip(samples=7)), clip(samples=7) / 2)
    assert worker.pid == pid is not None


def test_a_killed_process_is_replaced(worker: Worker) -> None:
    worker(clip())
    dead = worker.pid
    assert dead is not None
    os.kill(dead, signal.SIGKILL)
    assert gone(dead)
    np.testing.assert_array_equal(worker(clip()), clip() / 2)
    assert worker.pid not in (dead, None)


def test_a_process_that_dies_over_a_clip_gets_a_second_chance(worker: Worker) -> None:
    np.testing.assert_array_equal(worker(clip(DIE_ONCE)), clip(DIE_ONCE) / 2)


def test_a_clip_that_kills_twice_is_refused_and_the_next_one_is_not(worker: Worker) -> None:
    with pytest.raises(SeparationError, match=r"ended twice without an answer.+status 3"):
        worker(clip(DIE))
    np.testing.assert_array_equal(worker(clip()), clip() / 2)


def test_a_slow_answer_is_not_waited_for(worker: Worker) -> None:
    worker(clip())
    slow = worker.pid
    assert slow is not None
    worker.answer_s = 0.2
    with pytest.raises(SeparationError, match=r"longer than 0\.2 s"):
        worker(clip(SLEEP))
    assert worker.pid is None and gone(slow)
    worker.answer_s = PATIENCE_S
    np.testing.assert_array_equal(worker(clip()), clip() / 2)


def test_what_goes_wrong_inside_is_said(worker: Worker) -> None:
    with pytest.raises(SeparationError, match="Spleeter failed: MemoryError"):
        worker(clip(FAIL))


def test_a_checkpoint_that_will_not_do_is_refused_before_anything_is_separated(tmp_path: Path) -> None:
    worker = Worker(COMMAND, {"MODEL_PATH": str(tmp_path / "missing")})
    with pytest.raises(SeparationError, match=r"This checkpoint will not do\."):
        worker(clip())
    assert worker.pid is None


def test_an_interpreter_that_is_not_there_is_named() -> None:
    with pytest.raises(SeparationError, match="/no/such/python cannot be started"):
        Worker(["/no/such/python"], {})(clip())


def test_clients_are_served_one_after_another(worker: Worker) -> None:
    answers: dict[int, np.ndarray] = {}
    sizes = [1, 100_000, 7, 50_000]
    clients = [
        threading.Thread(target=lambda size=size: answers.update({size: worker(clip(samples=size))})) for size in sizes
    ]
    for client in clients:
        client.start()
    for client in clients:
        client.join(PATIENCE_S)
    for size in sizes:
        np.testing.assert_array_equal(answers[size], clip(samples=size) / 2)


def test_the_process_ends_with_its_owner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    worker = Worker(COMMAND, {"MODEL_PATH": str(tmp_path)})
    worker(clip())
    pid = worker.pid
    assert pid is not None
    del worker
    gc.collect()
    assert gone(pid)


@pytest.mark.parametrize("first", [0.5, SLEEP])
def test_no_orphan_is_left_by_a_killed_parent(tmp_path: Path, first: float) -> None:
    code = (
        "import numpy as np, threading, time\n"
        "from gender_audio.separation.spleeter.process import Worker\n"
        f"worker = Worker({COMMAND!r}, {{'MODEL_PATH': {str(tmp_path)!r}}})\n"
        "worker(np.zeros((2, 9), np.float32))\n"
        "print(worker.pid, flush=True)\n"
        f"worker(np.full((2, 9), {first}, np.float32))\n"
        "time.sleep(600)\n"
    )
    with subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        parent.kill()
    assert gone(pid)
