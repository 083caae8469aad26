"""Loading the classifiers of the page, and the reasons why some are unavailable."""

from __future__ import annotations

from pathlib import Path

import pytest

from gender_audio import weights
from gender_audio.systems.labels import STUDENT
from gender_audio.systems.registry import SYSTEMS
from gender_audio.ui import classifiers


@pytest.mark.slow
@pytest.mark.parametrize("has_student", [True, False])
def test_student_is_available_only_with_its_weights(
    has_student: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not has_student:
        monkeypatch.setattr(weights, "FOLDER", tmp_path)
    loaded, unavailable = classifiers.load()
    assert set(loaded) >= {*SYSTEMS, classifiers.SPLEETER}
    assert (STUDENT in loaded, STUDENT in unavailable) == (has_student, not has_student)
