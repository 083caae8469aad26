"""After shutdown, no file of a visitor is left, even if a request is still running."""

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
from gender_audio.ui import page as page_module


def test_save_for_player_does_not_recreate_a_deleted_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with gr.Blocks():
        player = result_view.player("Vocals", "vocals")
    monkeypatch.setattr(player, "GRADIO_CACHE", str(tmp_path / "gone"))
    with pytest.raises(FileNotFoundError):
        result_view.save_for_player(player, synth.example("duet"))
    assert not list(tmp_path.iterdir())


def test_request_that_outlives_the_page_leaves_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started = threading.Event()

    def write_files(folder: Path) -> None:
        for number in range(1_000_000):
            try:
                (folder / str(number)).mkdir()
            except FileNotFoundError:
                return
            started.set()

    threads: list[threading.Thread] = []

    def launch(**_: Any) -> None:
        threads.append(threading.Thread(target=write_files, args=[Path(os.environ["GRADIO_TEMP_DIR"])]))
        threads[0].start()
        started.wait(5)

    def page(*_: Mapping[str, object]) -> SimpleNamespace:
        return SimpleNamespace(launch=launch)

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setenv("GRADIO_TEMP_DIR", "elsewhere")
    monkeypatch.setenv("GRADIO_ANALYTICS_ENABLED", "False")
    monkeypatch.setattr(app.signal, "signal", lambda *_: None)
    monkeypatch.setattr(classifiers, "load", lambda: {"singing": None})
    monkeypatch.setattr(classifiers, "live", lambda singing: singing)
    monkeypatch.setattr(page_module, "build", page)
    monkeypatch.setattr(retention, "start_cleanup", lambda *_: None)
    app.main()
    threads[0].join(5)
    assert not list(tmp_path.iterdir())
