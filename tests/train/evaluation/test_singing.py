"""Metrics of the singing evaluation against values worked out by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from gender_audio.audio import Clip
from gender_audio.systems.combination import ENSEMBLE
from gender_audio.systems.labels import SINGING
from gender_audio.systems.singing import SingingClassifier
from train.data.decoding import RATE
from train.data.remix import Remix
from train.evaluation.singing import (
    Predictions,
    accompaniment_metrics,
    accuracy_by_ensemble_size,
    classification_metrics,
    mean_separation_gains,
    most_confident_rows,
    predict_remixes,
    worst_predictions,
)


def remix(label: str, kind: str = "sung", group: str = "a") -> Remix:
    tone = np.sin(np.arange(48_000) * 0.1).astype(np.float32)
    accompaniment = np.sin(np.arange(48_000) * 0.01).astype(np.float32)
    return Remix(tone if label != "none" else 0 * tone, accompaniment, label, kind, (group,))


def predictions() -> tuple[Predictions, list[Remix]]:
    """Twenty rows: one member is always right, one always predicts the first label; the last row is wrong."""
    remixes = [remix(label, group=str(number)) for number, label in enumerate(SINGING.labels * 5)]
    right = np.tile(np.eye(4) * 0.8 + 0.05, (5, 1))
    first = np.tile([0.4, 0.2, 0.2, 0.2], (20, 1))
    probabilities = right.copy()
    probabilities[-1] = [0.7, 0.1, 0.1, 0.1]
    alone = {ENSEMBLE: probabilities, "Voice detector": first}
    return Predictions(np.stack([right, first]), alone, probabilities, np.arange(20) >= 18), remixes


def test_predict_remixes_uses_the_served_pipeline(singing_classifier: SingingClassifier) -> None:
    remixes = [remix("male"), remix("none", "instrumental")]
    predicted, gains = predict_remixes(singing_classifier, remixes)
    assert predicted.members.shape == (3, 2, 4)
    for row, served in zip(predicted.probabilities, remixes, strict=True):
        verdict = singing_classifier(Clip(served.mixture[None], RATE))
        assert row == pytest.approx(verdict.snippet_probabilities[0], abs=1e-4)
    assert list(predicted.alone) == [ENSEMBLE, *(answer.title for answer in verdict.published)]
    assert gains == pytest.approx([0, 0], abs=1e-3), "the mixture as vocals gains nothing"


def test_worst_predictions_are_sorted_by_true_probability() -> None:
    probabilities = np.array([[0, 0.3, 0.7, 0], [0.1, 0.05, 0.85, 0]])
    remixes = [remix("male", group="amy"), remix("male", group="leon")]
    assert worst_predictions(probabilities, remixes, count=1) == [
        {"row": 1, "kind": "sung", "singers": "leon", "label": "male", "predicted": "female", "probability": 0.05}
    ]


def test_accompaniment_metrics_separate_known_and_new_pieces() -> None:
    remixes = [
        replace(remix("male", group="a"), accompaniment_paths=("old", "new")),
        replace(remix("male", "spoken", "b"), accompaniment_paths=("old",)),
        replace(remix("multiple", group="c"), accompaniment_paths=("new",)),
        remix("male", "sung a cappella", "d"),
    ]
    predicted = Predictions(np.zeros((1, 4, 4)), {}, np.eye(4)[[1, 3, 3, 2]], np.zeros(4, bool))
    metrics = accompaniment_metrics(predicted, np.array([5.0, 6.0, 7.0, 8.0]), remixes, {"old"})
    assert {name: (side["rows"], side["accuracy"], side["gain"]) for name, side in metrics.items()} == {
        "known": (2, 0.5, 5.0),
        "new": (1, 1.0, 7.0),
    }
    assert metrics["known"]["interval"] == (0.0, 1.0)
    assert set(accompaniment_metrics(predicted, np.zeros(4), remixes, set())) == {"new"}


def test_classification_metrics() -> None:
    metrics = classification_metrics(*predictions())
    assert metrics["accuracy"] == pytest.approx(0.95)
    assert metrics["members"] == [1.0, 0.25]
    assert metrics["singers"] == dict.fromkeys(SINGING.labels, 5)
    assert metrics["above_members"] == pytest.approx(0.95 - 0.625)
    low, high = metrics["above_members_interval"]
    assert low < metrics["above_members"] < high
    assert metrics["mean_member"] == pytest.approx(0.625)
    assert metrics["by_ensemble_size"] == [0.625, 1.0]
    assert metrics["recall"] == pytest.approx({"none": 1, "male": 1, "female": 1, "multiple": 0.8})
    assert metrics["confusion"] == [[5, 0, 0, 0], [0, 5, 0, 0], [0, 0, 5, 0], [1, 0, 0, 4]]
    assert metrics["coverage"] == pytest.approx(0.9)
    assert metrics["accuracy_when_confident"] == 1
    assert metrics["alone"][ENSEMBLE]["balanced_accuracy"] == pytest.approx(0.95)
    assert metrics["alone"]["Voice detector"]["recall"] == {"none": 1, "male": 0, "female": 0, "multiple": 0}


def test_accuracy_by_ensemble_size_does_not_depend_on_the_order_of_members() -> None:
    labels = np.array([0, 1])
    constant = [np.tile(np.eye(4)[label], (2, 1)) for label in (0, 1)]
    members = np.stack([1.5 * np.eye(4)[[0, 1]], *constant])
    accuracies = accuracy_by_ensemble_size(members, labels)
    assert accuracies[0] == pytest.approx((1 + 0.5 + 0.5) / 3)
    assert accuracies[-1] == 1
    assert accuracies == accuracy_by_ensemble_size(members[::-1].copy(), labels)


def test_most_confident_rows_by_probability_and_by_agreement() -> None:
    probabilities = np.array([[0.9, 0.1, 0, 0], [0.8, 0.2, 0, 0], [0.7, 0.3, 0, 0], [0.6, 0.4, 0, 0]])
    votes = np.array([[0, 0, 0, 0], [1, 0, 0, 0], [1, 0, 0, 1]])
    rows = most_confident_rows(Predictions(np.eye(4)[votes], {}, probabilities, np.zeros(4, bool)), 0.5)
    assert set(rows["probability"]) == {0, 1}
    assert set(rows["agreement"]) == {1, 2}


def test_mean_separation_gains_by_kind_and_label() -> None:
    remixes = predictions()[1]
    remixes[1] = remix("male", "sung a cappella")
    remixes[::4] = [remix("none", "instrumental")] * 5
    gains = mean_separation_gains(np.arange(20.0), remixes)
    assert gains["sung"] == pytest.approx(np.mean([row for row in range(20) if row % 4 and row != 1]))
    assert gains["instrumental"] == pytest.approx(8)
    assert gains["instrumental, share of rows with 15 dB or more"] == pytest.approx(0.2)
    assert "sung a cappella" not in gains
    assert gains["sung, male"] == pytest.approx(np.mean([5, 9, 13, 17]))
