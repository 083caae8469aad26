"""Half precision is used only where it is faster."""

from __future__ import annotations

import pytest
import torch

from train.engine import schedule
from train.engine.hardware import bf16_is_fast
from train.engine.schedule import Schedule


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
