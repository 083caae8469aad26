"""The load test, against a page with a fake classifier."""

from __future__ import annotations

from pathlib import Path

import pytest
from gradio_client import Client

from bench.load import ask, run_phase, write_clips
from tests.browser import serving
from tests.fakes import FakeSingingClassifier

pytestmark = pytest.mark.slow


def test_every_answer_is_compared_with_the_expected_one(tmp_path: Path) -> None:
    with serving({"singing": FakeSingingClassifier()}, tmp_path / "cache") as address:
        client = Client(address, verbose=False)
        expected = {path: ask(client, path) for path in write_clips(tmp_path)}
        right = run_phase(address, expected, clients=3, seconds=2)
        wrong = run_phase(address, {path: {"none": 2.0} for path in expected}, clients=1, seconds=1)
    assert right.clients == 3 and right.answers > 3 and right.wrong == right.refused == 0
    assert right.per_s > 0 and right.median_s > 0
    assert wrong.wrong == wrong.answers > 0
