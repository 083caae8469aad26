"""The page that describes the corpora."""

from __future__ import annotations

from pathlib import Path

import pytest

from train.reports import eda


def test_write_describes_a_corpus(speech: Path, tmp_path: Path) -> None:
    eda.write(speech, tmp_path, "speech", "python -m train eda")
    page = (tmp_path / "eda.md").read_text()
    assert "| librispeech | train | female | 4 | 4 | 0.2 |" in page
    assert "more than one label: none" in page
    assert all((tmp_path / "images" / name).exists() for name in ("eda-durations.svg", "eda-examples.png"))
    with pytest.raises(ValueError, match="whistling"):
        eda.write(speech, tmp_path, "whistling", "")


def test_find_outliers_names_speakers_and_clips() -> None:
    rows = [
        {
            "singer_id": "a",
            "voice": v,
            "split": "train",
            "dataset": "x",
            "duration_s": s,
            "path": f"{s}.wav",
            "age": age,
        }
        for v, s, age in (("male", "2", "30"), ("female", "2.1", "1234"), ("male", "2.2", ""), ("male", "90", "31"))
    ]
    text = eda.find_outliers(rows * 3)
    assert "more than one label: a." in text
    assert "implausible age: a." in text
    assert "`90.wav` (90.0 s)" in text or "0 clips" in text
