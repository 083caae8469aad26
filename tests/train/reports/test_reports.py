"""The report and its figures, from the records alone."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from gender_audio.systems.labels import SINGING
from train import reports, run_records
from train.data.remix import Remix
from train.engine.fit import Schedule, rates
from train.evaluation.singing import Heard, classification
from train.reports.tables import decibels, ends, percent, picture, points


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    """A docs folder with the records of a small evaluation and of the training before it."""
    silence = np.zeros(48_000, np.float32)
    remixes = [Remix(silence, silence, label, "sung", (f"singer-{k}",)) for k, label in enumerate(SINGING.labels * 10)]
    logits = np.random.default_rng(0).normal(0, 1, (3, 40, 4))
    logits[:, np.arange(40), np.arange(40) % 4] += 2
    odds = np.exp(logits)
    probabilities = (odds / odds.sum(2, keepdims=True)).mean(0)
    figures = classification(Heard(logits, probabilities, probabilities.max(1) < 0.5), remixes)
    separation = {"sung": 7.9, "instrumental, share of rows with 15 dB or more": 0.974}
    test = {"command": "measure", "classification": figures, "student": figures, "separation": separation}
    test["accompaniments"] = {"known": {"rows": 7, "accuracy": 0.861, "interval": (0.7, 0.9), "gain": None}}
    run_records.write("test", test, tmp_path / "records")
    learnt: dict[str, object] = {
        "command": "teach",
        "remixes": 60,
        "singers": 9,
        "curves": [[1.0, 0.5], [0.9, 0.4]],
        "rates": [0.1, 0.2, 0.1],
    }
    learnt["leak"] = {"random": 0.95, "grouped": 0.85}
    run_records.write("singing", learnt, tmp_path / "records")
    return tmp_path


def test_the_report_shows_the_recorded_numbers_and_pictures_that_are_there(docs: Path) -> None:
    reports.write(docs)
    text = (docs / "results.md").read_text()
    test = run_records.read("test", docs / "records")
    assert test is not None
    assert f"| accuracy | {percent(test['student']['accuracy'])} |" in text
    assert "7.9 dB" in text and "97.4 %" in text
    assert "10.0 points" in text
    assert "in the train split, too | 7 | 86.1 % | 70.0 % to 90.0 %" in text
    assert "| learnt from nothing | 60 | 9, less one fold in 5 | `teach` |" in text
    assert "| singer, student | `none`, `male`, `female`, `multiple` | 40 snippets |" in text
    pictures = re.findall(r"!\[.+?\]\((images/\w+\.svg)\)", text)
    assert len(pictures) == 6
    assert all((docs / picture).stat().st_size < 100_000 for picture in pictures)
    worst = test["classification"]["worst"][0]
    assert f"| {worst['singers']} | sung | {worst['label']} | {worst['said']} |" in text


def test_the_report_says_how_members_went_on(docs: Path) -> None:
    learnt = run_records.read("singing", docs / "records") or {}
    further = {**learnt, "command": "teach more", "remixes": 2400, "singers": 318}
    further |= {"leak": {"random": 0.9, "grouped": 0.88}, "curves": [[0.4, 0.3], [0.3, 0.2]]}
    reports.write(docs)
    drawn = {name: (docs / "images" / name).read_bytes() for name in ("learning.svg", "schedule.svg")}
    run_records.write("singing", {**learnt, "further": [{**further, "remixes": 60}, further]}, docs / "records")
    reports.write(docs)
    text = (docs / "results.md").read_text()
    assert "| went on | 60 | 318, less one fold in 5 | `teach more` |" in text
    assert "| went on | 2,400 | 318, less one fold in 5 | `teach more` |" in text
    assert "2.0 points" in text and "10.0 points" not in text
    assert "every voice" not in text
    assert all((docs / "images" / name).read_bytes() != before for name, before in drawn.items())
    last = {"command": "teach all", "remixes": 70, "singers": 318, "seed": 0}
    run_records.write("singing", {**learnt, "further": [further], "refit": last}, docs / "records")
    reports.write(docs)
    text = (docs / "results.md").read_text()
    assert "| refitted | 70 | 318, all | `teach all` |" in text and "every voice" in text
    assert "Before the last step, on remixes" in text and "2.0 points" in text


def test_the_same_records_give_the_same_bytes(docs: Path) -> None:
    reports.write(docs)
    first = {path.name: path.read_bytes() for path in (docs / "images").iterdir()}
    reports.write(docs)
    assert {path.name: path.read_bytes() for path in (docs / "images").iterdir()} == first


def test_a_report_without_records_has_no_numbers(tmp_path: Path) -> None:
    reports.write(tmp_path)
    assert "##" not in (tmp_path / "results.md").read_text()


def test_rates_rise_to_the_peak_and_fall_to_nothing() -> None:
    found = rates(Schedule(samples=1000, batch=10, rate=0.3, rounds=2))
    assert len(found) == 100
    assert max(found) == pytest.approx(0.3)
    assert 10 <= int(np.argmax(found)) <= 20
    assert found[-1] < 0.001 < found[0]


def test_separators_stand_side_by_side(tmp_path: Path) -> None:
    found = {
        "gains": {"sung": 7.94, "spoken": 6.2, "instrumental": 57.3},
        "mir1k": {"gnsdr": 8.91, "gsir": 13.7, "gsar": 11.4},
        "accuracy": 0.842,
        "accuracy_interval": [0.8, 0.887],
        "real_time_factor": 0.021,
        "peak_bytes": 6e8,
    }
    voices = {
        "known": {"gain": 10.14, "interval": [9.2, 11.0], "singers": 17},
        "new": {"gain": 9.96, "interval": [8.1, 11.9], "singers": 8},
    }
    run_records.write(
        "separators", {"command": "compare", "test": {"unet": found}, "voices": voices}, tmp_path / "records"
    )
    reports.write(tmp_path)
    row = "| 7.9 dB | 6.2 dB | 57.3 dB | 8.9 dB | 13.7 dB | 11.4 dB | 84.2 % (80.0 % to 88.7 %) | 0.021 | 0.60 GB |"
    text = (tmp_path / "results.md").read_text()
    assert row in text
    assert "| learnt from | 17 | 10.1 dB (9.2 to 11.0) |\n| new, of the val split | 8 | 10.0 dB (8.1 to 11.9) |" in text


def test_what_is_none_has_no_sign_and_captions_are_seen() -> None:
    assert [points(share) for share in (-0.0004, 0.0, 0.025, -0.285)] == ["+0.0", "+0.0", "+2.5", "-28.5"]
    assert [decibels(gain) for gain in (-0.04, 8.91, -3.2)] == ["0.0 dB", "8.9 dB", "-3.2 dB"]
    assert ends((0.866, 0.938)) == "86.6 % to 93.8 %"
    assert picture("a.svg", "What is seen") == "![What is seen](a.svg)\n\n*What is seen.*"


@pytest.mark.parametrize(("others", "told"), [(2, "Accuracy 80.0 %."), (40, "balanced 70.0 %")])
def test_few_clips_are_only_counted(tmp_path: Path, others: int, told: str) -> None:
    record = {"command": "measure", "note": "", "clips": 42, "accuracy": 0.8, "balanced_accuracy": 0.7}
    record |= {"interval": (0.6, 0.75), "recall": {"none": 0.8, "male": 0.5}, "counts": {"none": 40, "male": others}}
    run_records.write("elsewhere", record, tmp_path / "records")
    reports.write(tmp_path)
    text = (tmp_path / "results.md").read_text()
    assert f"| {SINGING.titles['male']} | {others} | {others // 2} |" in text
    assert told in text and ("60.0 % to 75.0 %" in text) == (others == 40)
