"""Metrics on real recordings against values worked out by hand."""

from __future__ import annotations

import json

import numpy as np
import pytest

from gender_audio.systems.combination import ENSEMBLE
from gender_audio.systems.labels import SINGING
from gender_audio.systems.singing import SingingClassifier
from train.data.real_snippets import RealSnippet
from train.evaluation.real import predict_real, real_metrics
from train.evaluation.singing import Predictions


def snippets() -> list[RealSnippet]:
    """Eight snippets of eight singers, each label twice."""
    rng = np.random.default_rng(0)
    return [
        RealSnippet(
            rng.normal(0, 0.1, 48_000).astype(np.float32), label, "solo", "corpus", f"singer {number}", (f"{number}",)
        )
        for number, label in enumerate(SINGING.labels * 2)
    ]


def test_real_metrics() -> None:
    probabilities = np.tile(np.eye(4) * 0.8 + 0.05, (2, 1))
    probabilities[-1] = [0.5, 0.2, 0.2, 0.1]
    predictions = Predictions(
        np.zeros((1, 8, 4)), {ENSEMBLE: np.full((8, 4), 0.25)}, probabilities, probabilities.max(1) < 0.6
    )
    metrics = real_metrics(predictions, snippets())
    assert metrics["balanced_accuracy"] == pytest.approx((1 + 1 + 1 + 0.5) / 4)
    assert metrics["recall"] == pytest.approx({"none": 1, "male": 1, "female": 1, "multiple": 0.5})
    assert metrics["confusion"][3] == [1, 0, 0, 1]
    assert metrics["coverage"] == pytest.approx(7 / 8)
    assert metrics["accuracy_when_confident"] == 1
    assert metrics["by_kind"]["solo, multiple"] == {"rows": 2, "accuracy": 0.5}
    assert metrics["alone"][ENSEMBLE]["accuracy"] == pytest.approx(0.25)
    assert (metrics["rows"], metrics["groups"]) == (8, 8)
    assert metrics["interval"][0] <= metrics["balanced_accuracy"] <= metrics["interval"][1]
    json.dumps(metrics)


def test_predictions_are_those_of_the_served_classifier(singing_classifier: SingingClassifier) -> None:
    rows = snippets()[:2]
    predictions = predict_real(singing_classifier, rows)
    assert predictions.probabilities.shape == (2, 4)
    assert set(predictions.alone) == {ENSEMBLE, "Slow (published)", "Fast (published)"}
