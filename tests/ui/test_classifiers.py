"""Who listens on the page, with the weights that are there."""

from __future__ import annotations

from pathlib import Path

import pytest

from gender_audio import weights
from gender_audio.separation.spleeter.environment import Environment
from gender_audio.systems.labels import STUDENT
from gender_audio.systems.registry import SYSTEMS
from gender_audio.ui import classifiers


@pytest.mark.parametrize("taught", [True, False])
def test_a_student_is_offered_only_where_members_taught_one(
    taught: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not taught:
        monkeypatch.setattr(weights, "FOLDER", tmp_path)
    there, absent = classifiers.load()
    assert set(there) >= set(SYSTEMS)
    assert (STUDENT in there, STUDENT in absent) == (taught, not taught)


def test_why_spleeter_is_missing_is_told_to_the_host_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("MODEL_PATH", str(tmp_path / "mine"))
    python = Environment.default().python
    python.parent.mkdir(parents=True)
    python.touch()
    _, absent = classifiers.load()
    assert absent[classifiers.SPLEETER] == classifiers.SPLEETER_HINT
    assert f"There is no checkpoint in {tmp_path}" in caplog.text
