"""The worker process, with a fake for Spleeter."""

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
from gender_audio.separation.spleeter_package.process import Worker
from tests.separation.fake_worker import DIE, DIE_ONCE, FAIL, SLEEP

ROOT = Path(__file__).parents[2]
COMMAND = [sys.executable, "-m", "tests.separation.fake_worker"]
TIMEOUT_S = 30.0


@pytest.fixture
def worker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Worker:
    monkeypatch.chdir(ROOT)
    return Worker(COMMAND, {"MODEL_PATH": str(tmp_path)})


def clip(first: float = 0.5, samples: int = 44_100) -> np.ndarray:
    noise = np.random.default_rng(0).standard_normal((2, samples)).astype(np.float32)
    noise[0, 0] = first
    return noise


def has_ended(pid: int) -> bool:
    """Wait for a process to end; False after a timeout."""
    deadline = time.monotonic() + TIMEOUT_S
    while time.monotonic() < deadline:
        status = Path(f"/proc/{pid}/stat")
        if not status.exists() or status.read_text().rsplit(")", 1)[1].split()[0] == "Z":
            return True
        time.sleep(0.05)
    return False


def test_process_is_reused(worker: Worker) -> None:
    assert worker.pid is None
    first = worker(clip())
    pid = worker.pid
    np.testing.assert_array_equal(first, clip() / 2)
    np.testing.assert_array_equal(worker(clip(samples=7)), clip(samples=7) / 2)
    assert worker.pid == pid is not None


def test_killed_process_is_replaced(worker: Worker) -> None:
    worker(clip())
    dead = worker.pid
    assert dead is not None
    os.kill(dead, signal.SIGKILL)
    assert has_ended(dead)
    np.testing.assert_array_equal(worker(clip()), clip() / 2)
    assert worker.pid not in (dead, None)


def test_clip_is_retried_once(worker: Worker) -> None:
    np.testing.assert_array_equal(worker(clip(DIE_ONCE)), clip(DIE_ONCE) / 2)


def test_error_after_the_process_ends_twice(worker: Worker) -> None:
    with pytest.raises(SeparationError, match=r"ended twice without an answer.+status 3"):
        worker(clip(DIE))
    np.testing.assert_array_equal(worker(clip()), clip() / 2)


def test_slow_answer_times_out(worker: Worker) -> None:
    worker(clip())
    slow = worker.pid
    assert slow is not None
    worker.answer_s = 0.2
    with pytest.raises(SeparationError, match=r"longer than 0\.2 s"):
        worker(clip(SLEEP))
    assert worker.pid is None and has_ended(slow)
    worker.answer_s = TIMEOUT_S
    np.testing.assert_array_equal(worker(clip()), clip() / 2)


def test_error_inside_the_process_is_reported(worker: Worker) -> None:
    with pytest.raises(SeparationError, match="Spleeter failed: MemoryError"):
        worker(clip(FAIL))


def test_unusable_checkpoint_is_reported_at_the_start(tmp_path: Path) -> None:
    worker = Worker(COMMAND, {"MODEL_PATH": str(tmp_path / "missing")})
    with pytest.raises(SeparationError, match=r"This checkpoint will not do\."):
        worker(clip())
    assert worker.pid is None


def test_missing_interpreter_is_named() -> None:
    with pytest.raises(SeparationError, match="/no/such/python cannot be started"):
        Worker(["/no/such/python"], {})(clip())


def test_threads_share_the_process(worker: Worker) -> None:
    answers: dict[int, np.ndarray] = {}
    sizes = [1, 100_000, 7, 50_000]
    clients = [
        threading.Thread(target=lambda size=size: answers.update({size: worker(clip(samples=size))})) for size in sizes
    ]
    for client in clients:
        client.start()
    for client in clients:
        client.join(TIMEOUT_S)
    for size in sizes:
        np.testing.assert_array_equal(answers[size], clip(samples=size) / 2)


def test_process_ends_with_the_worker_object(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    worker = Worker(COMMAND, {"MODEL_PATH": str(tmp_path)})
    worker(clip())
    pid = worker.pid
    assert pid is not None
    del worker
    gc.collect()
    assert has_ended(pid)


@pytest.mark.parametrize("first", [0.5, SLEEP])
def test_process_ends_with_its_parent(tmp_path: Path, first: float) -> None:
    code = (
        "import numpy as np, threading, time\n"
        "from gender_audio.separation.spleeter_package.process import Worker\n"
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
    assert has_ended(pid)
