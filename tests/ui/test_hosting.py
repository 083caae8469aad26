"""On a host that lends GPUs, the page marks one function for them, and none that answers."""

from __future__ import annotations

import sys
from types import SimpleNamespace

import pytest

from gender_audio.ui.hosting import register_on_zero_gpu
from gender_audio.ui.page import build
from tests.fakes import FakePipeline


def test_one_function_is_marked_and_answers_are_not(monkeypatch: pytest.MonkeyPatch) -> None:
    marked: list[object] = []
    monkeypatch.setitem(sys.modules, "spaces", SimpleNamespace(GPU=marked.append))
    register_on_zero_gpu()
    page = build({"singing": FakePipeline()})
    assert len(marked) == 1
    assert not any(function.fn in marked for function in page.fns.values())


def test_elsewhere_nothing_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "spaces", None)
    register_on_zero_gpu()
