"""The shipped systems give the stored outputs, within a tolerance for the processor."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from tests.golden.outputs import all_outputs

pytestmark = pytest.mark.slow

PATH = Path(__file__).with_name("outputs.json")
TOLERANCE = 1e-3
GOLDEN: dict[str, list] = json.loads(PATH.read_text(encoding="utf8")) if PATH.exists() else {}


@pytest.fixture(scope="module")
def outputs() -> dict[str, np.ndarray]:
    return all_outputs()


def test_every_output_is_stored(outputs: dict[str, np.ndarray]) -> None:
    assert outputs.keys() == GOLDEN.keys()
    assert len(GOLDEN) > 100


@pytest.mark.parametrize("name", GOLDEN)
def test_output_is_unchanged(outputs: dict[str, np.ndarray], name: str) -> None:
    np.testing.assert_allclose(outputs[name], np.array(GOLDEN[name]), rtol=0, atol=TOLERANCE)
