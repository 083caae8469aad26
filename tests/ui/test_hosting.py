"""On ZeroGPU the page registers one function, which no event calls."""

from __future__ import annotations

import sys
from types import SimpleNamespace

import pytest

from gender_audio.ui.hosting import register_on_zero_gpu
from gender_audio.ui.page import build
from tests.fakes import FakeSingingClassifier


def test_zero_gpu_gets_one_function_that_no_event_uses(monkeypatch: pytest.MonkeyPatch) -> None:
    registered: list[object] = []
    monkeypatch.setitem(sys.modules, "spaces", SimpleNamespace(GPU=registered.append))
    register_on_zero_gpu()
    page = build({"singing": FakeSingingClassifier()})
    assert len(registered) == 1
    assert not any(function.fn in registered for function in page.fns.values())


def test_registering_without_zero_gpu_does_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "spaces", None)
    register_on_zero_gpu()
