"""The report and its figures, from the records alone."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gender_audio.systems.combination import ENSEMBLE
from gender_audio.systems.labels import SINGING
from train import reports, run_records
from train.data.real_snippets import RealSnippet
from train.data.remix import Remix
from train.evaluation.real import real_metrics
from train.evaluation.singing import Predictions, classification_metrics

pytestmark = pytest.mark.slow

STAGE: dict[str, Any] = {
    "kind": "train",
    "command": "train singing",
    "remixes": 60,
    "singers": 9,
    "seed": 0,
    "curves": [[1.0, 0.5], [0.9, 0.4]],
    "rates": [0.1, 0.2, 0.1],
    "leak": {"random": 0.95, "grouped": 0.85},
}


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    """A docs folder with the records of a small evaluation and of the training before it."""
    silence = np.zeros(48_000, np.float32)
    remixes = [Remix(silence, silence, label, "sung", (f"singer-{k}",)) for k, label in enumerate(SINGING.labels * 10)]
    logits = np.random.default_rng(0).normal(0, 1, (3, 40, 4))
    logits[:, np.arange(40), np.arange(40) % 4] += 2
    exponentials = np.exp(logits)
    probabilities = (exponentials / exponentials.sum(2, keepdims=True)).mean(0)
    members = exponentials / exponentials.sum(2, keepdims=True)
    alone = {ENSEMBLE: probabilities, "Voice detector": members[0]}
    predictions = Predictions(members, alone, probabilities, probabilities.max(1) < 0.5)
    metrics = classification_metrics(predictions, remixes)
    test = {
        "command": "measure",
        "classification": metrics,
        "separation": {"sung": 7.9, "instrumental, share of rows with 15 dB or more": 0.974},
        "accompaniments": {"known": {"rows": 7, "accuracy": 0.861, "interval": (0.7, 0.9), "gain": None}},
    }
    run_records.write("test", test, tmp_path / "records")
    snippets = [RealSnippet(silence, remix.label, "solo", "corpus", remix.group, remix.singers) for remix in remixes]
    run_records.write("real", {"command": "measure", **real_metrics(predictions, snippets)}, tmp_path / "records")
    run_records.write("singing", {"stages": [STAGE]}, tmp_path / "records")
    return tmp_path


def results(docs: Path) -> str:
    """The report as it is written."""
    reports.write(docs)
    return (docs / "results.md").read_text()


def test_report_shows_the_recorded_numbers(docs: Path) -> None:
    text, test = results(docs), run_records.read("test", docs / "records")
    assert test is not None
    assert "7.9 dB" in text and "97.4 %" in text and "10.0 points" in text
    assert "| 7 | 86.1 % | 70.0 % to 90.0 % |" in text
    assert "| training | 60 | 9, less one fold in 5 | `train singing` |" in text
    assert "| singing | `none`, `male`, `female`, `multiple` | 40 remixes |" in text
    worst = test["classification"]["worst"][0]
    assert f"| {worst['singers']} | sung | {worst['label']} | {worst['predicted']} |" in text


def test_report_images_exist_and_are_small(docs: Path) -> None:
    images = re.findall(r"!\[.+?\]\((images/[\w-]+\.svg)\)", results(docs))
    assert len(images) == 8
    assert all((docs / image).stat().st_size < 100_000 for image in images)


def test_training_section_has_a_row_for_each_stage(docs: Path) -> None:
    results(docs)
    before = {name: (docs / "images" / name).read_bytes() for name in ("learning.svg", "schedule.svg")}
    continued = {**STAGE, "kind": "continue", "command": "train more", "remixes": 2400, "singers": 318}
    continued["leak"] = {"random": 0.9, "grouped": 0.88}
    refit = {"kind": "refit", "command": "train all", "remixes": 70, "singers": 318, "seed": 0}
    run_records.write("singing", {"stages": [STAGE, continued, refit]}, docs / "records")
    text = results(docs)
    assert "| continued | 2,400 | 318, less one fold in 5 | `train more` |" in text
    assert "| refit | 70 | 318, all | `train all` |" in text
    assert "2.0 points" in text and "10.0 points" not in text
    assert all((docs / "images" / name).read_bytes() != drawing for name, drawing in before.items())


def test_report_is_reproducible(docs: Path) -> None:
    results(docs)
    first = {path.name: path.read_bytes() for path in (docs / "images").iterdir()}
    results(docs)
    assert {path.name: path.read_bytes() for path in (docs / "images").iterdir()} == first


def test_report_without_records_has_no_sections(tmp_path: Path) -> None:
    assert "##" not in results(tmp_path)


def test_report_compares_separators(tmp_path: Path) -> None:
    metrics = {
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
    record = {"command": "compare", "test": {"unet": metrics}, "voices": voices}
    run_records.write("separators", record, tmp_path / "records")
    text = results(tmp_path)
    assert (
        "| 7.9 dB | 6.2 dB | 57.3 dB | 8.9 dB | 13.7 dB | 11.4 dB | 84.2 % (80.0 % to 88.7 %) | 0.021 | 0.60 GB |"
    ) in text
    assert "Not in this comparison: none; median filters; Spleeter; Spleeter, Deezer's package." in text
    assert "| 17 | 10.1 dB (9.2 to 11.0) |" in text and "| 8 | 10.0 dB (8.1 to 11.9) |" in text


@pytest.mark.parametrize(("male_clips", "accuracy"), [(2, "Accuracy 80.0 %."), (40, "balanced 70.0 %")])
def test_report_gives_no_interval_for_few_clips(tmp_path: Path, male_clips: int, accuracy: str) -> None:
    record = {"command": "measure", "note": "", "clips": 42, "accuracy": 0.8, "balanced_accuracy": 0.7}
    counts = {"none": 40, "male": male_clips}
    record |= {"interval": (0.6, 0.75), "recall": {"none": 0.8, "male": 0.5}, "counts": counts}
    run_records.write("elsewhere", record, tmp_path / "records")
    text = results(tmp_path)
    assert f"| {SINGING.titles['male']} | {male_clips} | {male_clips // 2} |" in text
    assert accuracy in text and ("60.0 % to 75.0 %" in text) == (male_clips == 40)
