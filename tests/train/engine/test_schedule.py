"""Learning rates, and half precision only where it is faster."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from tests.train.toy_fit import SHORT
from train.engine import schedule
from train.engine.hardware import bf16_is_fast
from train.engine.schedule import Schedule, learning_rates


@pytest.mark.parametrize(
    ("instructions", "expected"),
    [
        ({"amx_bf16": True}, True),
        ({"avx512_bf16": True, "amx_bf16": False}, True),
        ({"avx2": True}, False),
        ({}, False),
    ],
)
def test_bf16_needs_cpu_instructions(
    instructions: dict[str, bool], expected: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: instructions)
    assert bf16_is_fast() is expected


@pytest.mark.parametrize(
    ("half", "fast", "expected"), [(True, True, "bf16-mixed"), (True, False, "32-true"), (False, True, "32-true")]
)
def test_half_precision_only_where_it_is_fast(
    half: bool, fast: bool, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schedule, "bf16_is_fast", lambda: fast)
    assert Schedule(samples=1, batch=1, rate=1.0, half=half).precision == expected


def test_learning_rates_of_one_cycle_and_of_restarts() -> None:
    once, thrice = learning_rates(SHORT), learning_rates(replace(SHORT, restarts=3))
    assert len(once) == len(thrice) == 40
    assert once.index(max(once)) == 5 and once[-1] < 1e-3 * SHORT.rate
    starts = [step for step in range(1, 40) if thrice[step] > thrice[step - 1]]
    assert starts == [10, 20, 30]
    assert all(thrice[step] == SHORT.rate for step in (0, *starts))
