"""The report's sections on speech, from records written by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from train import run_records
from train.reports import speech_figures
from train.reports.speech import CORPORA, MODELS, sections


def metrics(accuracy: float) -> dict[str, Any]:
    """Metrics of one set of rows as `train.engine.metrics` returns them."""
    return {
        "rows": 10,
        "speakers": 40,
        "error": 1 - accuracy,
        "balanced_accuracy": accuracy,
        "interval": [accuracy - 0.05, accuracy + 0.05],
        "recall": {"male": 0.99, "female": 0.8},
        "f1_female": 0.9,
        "majority": 0.8,
        "ece": 0.04,
        "macro_mean": accuracy,
    }


def mfcc_record() -> dict[str, Any]:
    by_speaker = {"01": {"label": "male", "recall": 1.0}, "12": {"label": "female", "recall": 0.4}}
    voices = {**metrics(0.881), "by_speaker": by_speaker}
    voices["learners"] = [{"network": name, "seeds": 2, "whole": {"rate": 2e-3}} for name in ("cepstral", "delay")]
    resnet = [{"network": "resnet", "seeds": 1}]
    voices["folds"] = [metrics(0.9), metrics(0.8)]
    corpora = {name: metrics(0.9) for name in CORPORA}
    return {
        "command": "python -m train speech-mfcc",
        "finder": {"rates": [1e-4, 1e-3, 1e-2], "losses": [0.7, 0.3, 0.9], "suggestion": 1e-4},
        "leaking": {"ours": {**metrics(0.995), "learners": voices["learners"][:1], "by_speaker": by_speaker}},
        "disjoint": {"resnet": {**voices, **metrics(0.812), "learners": resnet}, "ours": voices},
        "speech": {"test": {"sound": {**metrics(0.93), "corpora": corpora}}},
    }


def mel_record() -> dict[str, Any]:
    corpora = {name: metrics(0.96) for name in CORPORA}
    scores = dict(zip(MODELS, (0.9, 0.91, 0.95, 0.97, 0.99), strict=True))
    return {
        "command": "python -m train speech-mel",
        "val": {name: metrics(score) for name, score in scores.items()},
        "test": {name: {**metrics(score), "corpora": corpora} for name, score in scores.items()},
        "worst": [{"path": "ravdess/a.ogg", "speaker": "ravdess:1", "label": "male", "probability": 0.12}],
        "baselines": {
            "raw_svm": metrics(0.55),
            "lenet": metrics(0.8),
            "split_leakage": {"by file": 0.99, "by speaker": 0.95},
        },
    }


def test_sections_show_the_recorded_numbers(tmp_path: Path) -> None:
    assert sections(tmp_path) == []
    run_records.write("speech-mfcc", mfcc_record(), tmp_path / "records")
    run_records.write("speech-mel", mel_record(), tmp_path / "records")
    digits, raw, models = sections(tmp_path)
    assert "| system B, published | random files | 1.07 % |" in digits
    assert "0.881 (0.831 to 0.931)" in digits
    assert "| ResNet-34, width 16 | **new speakers** | 18.80 % |" in digits
    assert "| **ours**: 2 x CNN at full resolution | random files | 0.50 % |" in digits
    assert "| **ours**: 2 x CNN at full resolution, 2 x time-delay network | **new speakers** |" in digits
    assert "differs by 11.4 points" in digits
    assert "0.930 (0.880 to 0.980)" in raw
    assert "| 0.930 (0.880 to 0.980) | 0.040 |" in raw
    assert "| **transfer (trunk of a singing member)** | 84 % (validation) | 0.970 |" in models
    assert "| `ravdess/a.ogg` | ravdess:1 | male | 12.0 % |" in models
    assert "0.990 with a split by file and 0.950 with a split by speaker" in models


def test_mel_models_have_a_column_for_each_corpus(tmp_path: Path) -> None:
    record = mel_record()
    for model in record["test"].values():
        model["corpora"] = {"voxceleb": metrics(0.97)}
    run_records.write("speech-mel", record, tmp_path / "records")
    (models,) = sections(tmp_path)
    assert "| model | system C | validation | voxceleb | all recordings |" in models
    assert "LibriSpeech" not in models
    for model in record["test"].values():
        model["corpora"]["ravdess"] = metrics(0.9)
    run_records.write("speech-mel", record, tmp_path / "records")
    (models,) = sections(tmp_path)
    assert "| validation | RAVDESS | voxceleb | all" in models


def test_no_interval_for_few_speakers(tmp_path: Path) -> None:
    record = mfcc_record()
    record["speech"]["test"]["sound"]["corpora"]["ravdess"] = {**metrics(1.0), "speakers": 4}
    run_records.write("speech-mfcc", record, tmp_path / "records")
    _, raw = sections(tmp_path)
    assert "| 0.900 (0.850 to 0.950) | 1.000 (4 speakers) | 0.900 (0.850 to 0.950) |" in raw


@pytest.mark.parametrize("picture", [speech_figures.LEAK, speech_figures.FINDER])
def test_figures_are_small_and_reproducible(tmp_path: Path, picture: Path) -> None:
    for name in ("one", "other"):
        speech_figures.draw(mfcc_record(), tmp_path / name)
    one, other = ((tmp_path / name / picture).read_bytes() for name in ("one", "other"))
    assert one == other
    assert 1_000 < len(one) < 100_000
