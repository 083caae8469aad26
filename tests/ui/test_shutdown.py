"""When the page ends, nothing of its visitors stays, even while one is still being answered."""

from __future__ import annotations

import os
import tempfile
import threading
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import gradio as gr
import pytest

import app
from gender_audio import synth
from gender_audio.ui import classifiers, result_view, retention
from gender_audio.ui import page as build


def test_nothing_is_written_once_the_cache_has_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with gr.Blocks():
        player = result_view.player("Vocals")
    monkeypatch.setattr(player, "GRADIO_CACHE", str(tmp_path / "gone"))
    with pytest.raises(FileNotFoundError):
        result_view.save_for_player(player, synth.example("duet"))
    assert not list(tmp_path.iterdir())


def test_an_answer_that_outlives_the_page_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started = threading.Event()

    def answer(folder: Path) -> None:
        for number in range(1_000_000):
            try:
                (folder / str(number)).mkdir()
            except FileNotFoundError:
                return
            started.set()

    answering: list[threading.Thread] = []

    def launch(**_: Any) -> None:
        answering.append(threading.Thread(target=answer, args=[Path(os.environ["GRADIO_TEMP_DIR"])]))
        answering[0].start()
        started.wait(5)

    def page(*_: Mapping[str, object]) -> SimpleNamespace:
        return SimpleNamespace(launch=launch)

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setenv("GRADIO_TEMP_DIR", "elsewhere")
    monkeypatch.setenv("GRADIO_ANALYTICS_ENABLED", "False")
    monkeypatch.setattr(app.signal, "signal", lambda *_: None)
    monkeypatch.setattr(classifiers, "load", lambda: ({}, {}))
    monkeypatch.setattr(build, "build", page)
    monkeypatch.setattr(retention, "start_cleanup", lambda *_: None)
    app.main()
    answering[0].join(5)
    assert not list(tmp_path.iterdir())
