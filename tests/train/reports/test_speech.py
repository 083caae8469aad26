"""The sections on speech, from records made by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from train import run_records
from train.reports import speech
from train.reports.speech import CORPORA, MODELS, sections


def found(accuracy: float) -> dict[str, Any]:
    """What `train.engine.metrics.binary_metrics` makes of one set of rows."""
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
        "evenly": accuracy,
    }


def speaker() -> dict[str, Any]:
    by_speaker = {"01": {"label": "male", "recall": 1.0}, "12": {"label": "female", "recall": 0.4}}
    voices = {**found(0.881), "by_speaker": by_speaker}
    voices["learners"] = [{"network": name, "seeds": 2, "whole": {"rate": 2e-3}} for name in ("cepstral", "delay")]
    resnet = [{"network": "resnet", "seeds": 1}]
    voices["folds"] = [found(0.9), found(0.8)]
    corpora = {name: found(0.9) for name in CORPORA}
    return {
        "command": "python -m train speaker",
        "finder": {"rates": [1e-4, 1e-3, 1e-2], "losses": [0.7, 0.3, 0.9], "suggestion": 1e-4},
        "leaking": {"ours": {**found(0.995), "learners": voices["learners"][:1], "by_speaker": by_speaker}},
        "disjoint": {"resnet": {**voices, **found(0.812), "learners": resnet}, "ours": voices},
        "speech": {"test": {"sound": {**found(0.93), "corpora": corpora}}},
    }


def voice() -> dict[str, Any]:
    corpora = {name: found(0.96) for name in CORPORA}
    scores = dict(zip(MODELS, (0.9, 0.91, 0.95, 0.97, 0.99), strict=True))
    return {
        "command": "python -m train voice",
        "val": {name: found(score) for name, score in scores.items()},
        "test": {name: {**found(score), "corpora": corpora} for name, score in scores.items()},
        "worst": [{"path": "ravdess/a.ogg", "speaker": "ravdess:1", "label": "male", "probability": 0.12}],
        "baselines": {"raw": found(0.55), "lenet": found(0.8), "gap": {"by file": 0.99, "by speaker": 0.95}},
    }


def test_what_was_measured_is_written_down(tmp_path: Path) -> None:
    assert sections(tmp_path) == []
    run_records.write("speech-mfcc", speaker(), tmp_path / "records")
    run_records.write("speech-mel", voice(), tmp_path / "records")
    digits, raw, models = sections(tmp_path)
    assert "| system B, published | random files | 1.07 % |" in digits
    assert "0.881 (0.831 to 0.931)" in digits
    assert "| ResNet-34, width 16 | **unseen speakers** | 18.80 % |" in digits
    assert "| **ours**: 2 x CNN at full resolution | random files | 0.50 % |" in digits
    assert "| **ours**: 2 x CNN at full resolution, 2 x time-delay network | **unseen speakers** |" in digits
    assert "The gap is 11.4 points of error" in digits
    assert "*Share of each speaker's digits that is recognised; every dot is a speaker.*" in digits
    assert "0.930 (0.880 to 0.980)" in raw
    assert "| 0.930 (0.880 to 0.980) | 0.040 |" in raw
    assert "| **transfer (trunk of a singer member)** | 84 % (validation) | 0.970 |" in models
    assert "| `ravdess/a.ogg` | ravdess:1 | male | 12.0 % |" in models
    assert "0.950." in models


def test_other_corpora_have_columns_of_their_own(tmp_path: Path) -> None:
    record = voice()
    for model in record["test"].values():
        model["corpora"] = {"voxceleb": found(0.97)}
    run_records.write("speech-mel", record, tmp_path / "records")
    (models,) = sections(tmp_path)
    assert "| model | system C | validation | voxceleb | all recordings |" in models
    assert "LibriSpeech" not in models
    for model in record["test"].values():
        model["corpora"]["ravdess"] = found(0.9)
    run_records.write("speech-mel", record, tmp_path / "records")
    (models,) = sections(tmp_path)
    assert "| validation | RAVDESS | voxceleb | all" in models


def test_few_speakers_are_counted_and_have_no_interval(tmp_path: Path) -> None:
    record = speaker()
    record["speech"]["test"]["sound"]["corpora"]["ravdess"] = {**found(1.0), "speakers": 4}
    run_records.write("speech-mfcc", record, tmp_path / "records")
    _, raw = sections(tmp_path)
    assert "| 0.900 (0.850 to 0.950) | 1.000 (4 speakers) | 0.900 (0.850 to 0.950) |" in raw


@pytest.mark.parametrize("picture", [speech.LEAK, speech.FINDER])
def test_pictures_are_small_and_always_the_same(tmp_path: Path, picture: Path) -> None:
    for name in ("one", "other"):
        speech.draw(speaker(), tmp_path / name)
    one, other = ((tmp_path / name / picture).read_bytes() for name in ("one", "other"))
    assert one == other
    assert 1_000 < len(one) < 100_000
