"""The page with players for the worst predictions."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import soundfile

from train.evaluation import error_page

ROW = "id,label,kind,voice1,voice1_at,voice2,voice2_at,gain2_db,acc1,acc1_at,acc2,acc2_at,acc2_gain_db,snr_db,singers"


def test_write_error_page_copies_and_renders_the_recordings(tmp_path: Path) -> None:
    samples = 0.5 * np.sin(np.arange(48_000) / 9)
    (tmp_path / "ravdess").mkdir()
    soundfile.write(tmp_path / "ravdess" / "a.wav", samples, 16_000)
    (tmp_path / "remix_test.csv").write_text(f"{ROW}\n0,male,sung a cappella,ravdess/a.wav,0,,,,,,,,,0,x\n")
    records = {
        "speech-mel": {
            "worst": [{"path": "ravdess/a.wav", "speaker": "ravdess:<1>", "label": "male", "probability": 0.123}]
        },
        "test": {
            "classification": {
                "worst": [{"row": 0, "kind": "sung a cappella", "singers": "x", "label": "male", "probability": 0.004}]
            }
        },
    }
    page = error_page.write(records, tmp_path, tmp_path, tmp_path / "out")
    text = page.read_text()
    assert "ravdess:&lt;1&gt;" in text and "12.3%" in text and "0.4%" in text
    for name in ("ravdess-a.wav", "remix-0.wav"):
        assert f'src="{name}"' in text
        assert soundfile.info(page.parent / name).duration == 3.0
    remix, _ = soundfile.read(page.parent / "remix-0.wav")
    assert abs(np.abs(remix).max() - 0.9) < 1e-3


def test_write_error_page_without_records_has_no_players(tmp_path: Path) -> None:
    text = error_page.write({"speech-mel": {}, "test": {}}, tmp_path, tmp_path, tmp_path / "out").read_text()
    assert "<audio" not in text and text.count("<table>") == 2
