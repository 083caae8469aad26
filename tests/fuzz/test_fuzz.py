"""A fixed part of `make fuzz`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from tests.encoding import encoded
from tests.fuzz.cases import make_case
from tests.fuzz.runner import Worker, run
from tests.fuzz.worker import outcome


def test_no_file_crashes_the_decoder_or_reaches_another_file() -> None:
    report = run(range(400))
    assert report.failures == {}
    assert report.connections == 0
    assert report.outcomes["clip"] > 20
    assert sum(report.outcomes.values()) == 400
    assert {"grammar", "mutation", "hls", "concat"} <= report.kinds.keys()


def test_the_same_number_gives_the_same_file() -> None:
    assert make_case(7, ("/etc/passwd",)) == make_case(7, ("/etc/passwd",))
    assert len({make_case(number).content for number in range(50)}) > 40


def test_a_worker_that_dies_is_reported_and_replaced(tmp_path: Path) -> None:
    worker = Worker(tmp_path, ())
    assert worker.decode(1)["kind"] in ("grammar", "mutation")
    worker.process.kill()
    worker.process.wait()
    assert "status -9" in worker.decode(2)["outcome"]
    assert worker.decode(1)["kind"] in ("grammar", "mutation")
    worker.close()


def test_a_followed_reference_is_a_failure(tmp_path: Path) -> None:
    case = make_case(next(n for n in range(1000) if make_case(n, ("x.wav",)).refers), ("x.wav",))
    followed = replace(case, name="clip", content=encoded("WAV/PCM_16"))
    assert outcome(followed, tmp_path) == "followed a reference to another file"
    assert outcome(replace(case, name="clip"), tmp_path) in ("Undecodable", "NoAudio")
