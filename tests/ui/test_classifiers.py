"""Loading the classifiers of the page, and the reasons why some are unavailable."""

from __future__ import annotations

from pathlib import Path

import pytest

from gender_audio.separation.spleeter.environment import Environment
from gender_audio.ui import classifiers


@pytest.mark.slow
def test_reason_for_missing_spleeter_is_logged_but_not_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("MODEL_PATH", str(tmp_path / "mine"))
    python = Environment.default().python
    python.parent.mkdir(parents=True)
    python.touch()
    _, unavailable = classifiers.load()
    assert unavailable[classifiers.SPLEETER] == classifiers.SPLEETER_HINT
    assert f"There is no checkpoint in {tmp_path}" in caplog.text
