"""Figures against values worked out by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from gender_audio.systems.labels import SINGING
from train.data.remix import Remix
from train.engine.calibrate import calibrate
from train.evaluation.separation import gain
from train.evaluation.singing import (
    Heard,
    accompaniments,
    by_size,
    calibration_error,
    classification,
    error_by_chance,
    reliability,
    risk,
    separation,
    surest,
    worst,
)


def remix(label: str, kind: str = "sung", group: str = "a") -> Remix:
    tone = np.sin(np.arange(48_000) * 0.1).astype(np.float32)
    backing = np.sin(np.arange(48_000) * 0.01).astype(np.float32)
    return Remix(tone if label != "none" else 0 * tone, backing, label, kind, (group,))


def test_gain_is_improvement_with_a_voice_and_suppression_without() -> None:
    voiced, empty = remix("male"), remix("none", "instrumental", "")
    assert gain(voiced, voiced.mixture) == pytest.approx(0, abs=1e-4)
    assert gain(voiced, voiced.vocals + 0.1 * voiced.accompaniment) == pytest.approx(20, abs=0.5)
    assert gain(empty, 0.1 * empty.mixture) == pytest.approx(20, abs=0.01)


def test_calibration_error_of_the_overconfident() -> None:
    probabilities = np.tile([0.9, 0.1, 0, 0], (100, 1))
    labels = np.array([0, 1] * 50)
    assert calibration_error(probabilities, labels, bins=1) == pytest.approx(0.4)
    assert calibration_error(probabilities, np.zeros(100, int), bins=1) == pytest.approx(0.1)


def test_reliability_goes_from_the_least_to_the_most_sure() -> None:
    probabilities = np.array([[0.9, 0.1, 0, 0], [0.6, 0.4, 0, 0], [0.9, 0.1, 0, 0], [0.6, 0.4, 0, 0]])
    parts = reliability(probabilities, np.array([0, 1, 0, 0]), bins=2)
    assert [part[0] for part in parts] == pytest.approx([0.6, 0.9])
    assert [part[1:] for part in parts] == [(0.5, 2), (1.0, 2)]


def test_risk_counts_the_errors_among_the_surest() -> None:
    probabilities = np.array([[0.9, 0.1, 0, 0], [0.8, 0.2, 0, 0], [0.7, 0.3, 0, 0], [0.6, 0.4, 0, 0]])
    found = risk(probabilities, np.array([0, 1, 0, 1]), steps=4)
    assert np.array(found) == pytest.approx(np.array([[0.25, 0], [0.5, 0.5], [0.75, 1 / 3], [1, 0.5]]))


def test_the_worst_row_comes_first_with_its_singers() -> None:
    probabilities = np.array([[0, 0.3, 0.7, 0], [0.1, 0.05, 0.85, 0]])
    remixes = [remix("male", group="amy"), remix("male", group="leon")]
    first = worst(probabilities, remixes, count=1)
    assert first == [
        {"row": 1, "kind": "sung", "singers": "leon", "label": "male", "said": "female", "probability": 0.05}
    ]


def test_rows_are_told_apart_by_their_accompaniments() -> None:
    remixes = [
        replace(remix("male", group="a"), accompaniment_paths=("old", "new")),
        replace(remix("male", "spoken", "b"), accompaniment_paths=("old",)),
        replace(remix("multiple", group="c"), accompaniment_paths=("new",)),
        remix("male", "sung a cappella", "d"),
    ]
    probabilities = np.eye(4)[[1, 3, 3, 2]]
    answers = Heard(np.zeros((1, 4, 4)), probabilities, np.zeros(4, bool))
    found = accompaniments(answers, np.array([5.0, 6.0, 7.0, 8.0]), remixes, {"old"})
    assert {name: (side["rows"], side["accuracy"], side["gain"]) for name, side in found.items()} == {
        "known": (2, 0.5, 5.0),
        "new": (1, 1.0, 7.0),
    }
    assert found["known"]["interval"] == (0.0, 1.0)
    assert set(accompaniments(answers, np.zeros(4), remixes, set())) == {"new"}


def heard() -> tuple[Heard, list[Remix]]:
    remixes = [remix(label, group=str(number)) for number, label in enumerate(SINGING.labels * 5)]
    logits = np.stack([5 * np.tile(np.eye(4), (5, 1)), np.zeros((20, 4))]).astype(np.float32)
    logits[1, :, 0] = 1
    probabilities = np.tile(np.eye(4) * 0.8 + 0.05, (5, 1))
    probabilities[-1] = [0.7, 0.1, 0.1, 0.1]
    return Heard(logits, probabilities, np.arange(20) >= 18), remixes


def test_the_calibration_error_of_chance_is_that_of_labels_that_follow_the_probabilities() -> None:
    rng = np.random.default_rng(1)
    probabilities = rng.dirichlet([1.0, 2.0, 3.0, 4.0], 600)
    by_chance = error_by_chance(probabilities)
    labels = np.array([rng.choice(4, p=row) for row in probabilities])
    assert 0 < by_chance < 0.08
    assert calibration_error(probabilities, labels) < 2 * by_chance
    assert calibration_error(probabilities, (labels + 1) % 4) > 4 * by_chance
    assert error_by_chance(np.eye(4)[[0, 1, 2, 3]]) == 0


def test_classification_figures() -> None:
    figures = classification(*heard())
    assert figures["accuracy"] == pytest.approx(0.95)
    assert figures["members"] == [1.0, 0.25]
    assert figures["singers"] == dict.fromkeys(SINGING.labels, 5)
    assert figures["above_members"] == pytest.approx(0.95 - 0.625)
    low, high = figures["above_members_interval"]
    assert low < figures["above_members"] < high
    assert figures["mean_member"] == pytest.approx(0.625)
    assert figures["sizes"] == [0.625, 1.0]
    assert figures["recall"] == pytest.approx({"none": 1, "male": 1, "female": 1, "multiple": 0.8})
    assert figures["confusion"] == [[5, 0, 0, 0], [0, 5, 0, 0], [0, 0, 5, 0], [1, 0, 0, 4]]
    assert figures["coverage"] == pytest.approx(0.9)
    assert figures["accuracy_when_sure"] == 1


def test_members_are_counted_in_whatever_order_they_join() -> None:
    labels = np.array([0, 1])
    always = [np.tile(5.0 * np.eye(4)[label], (2, 1)) for label in (0, 1)]
    both = np.stack([np.array(5.0 * np.eye(4)[[0, 1]])] * 1 + always)
    found = by_size(both, labels)
    assert found[0] == pytest.approx((1 + 0.5 + 0.5) / 3)
    assert found[-1] == 1
    assert found == by_size(both[::-1].copy(), labels)


def test_the_surest_are_those_with_the_highest_probability_or_the_most_members() -> None:
    probabilities = np.array([[0.9, 0.1, 0, 0], [0.8, 0.2, 0, 0], [0.7, 0.3, 0, 0], [0.6, 0.4, 0, 0]])
    votes = np.array([[0, 0, 0, 0], [1, 0, 0, 0], [1, 0, 0, 1]])
    found = surest(Heard(np.eye(4)[votes], probabilities, np.zeros(4, bool)), 0.5)
    assert set(found["probability"]) == {0, 1}
    assert set(found["agreement"]) == {1, 2}


def test_separation_leaves_out_a_cappella_rows() -> None:
    remixes = heard()[1]
    remixes[1] = remix("male", "sung a cappella")
    remixes[::4] = [remix("none", "instrumental")] * 5
    figures = separation(np.arange(20.0), remixes)
    sung = [number for number in range(20) if number % 4 and number != 1]
    assert figures["sung"] == pytest.approx(np.mean(sung))
    assert figures["instrumental"] == pytest.approx(8)
    assert figures["instrumental, share of rows with 15 dB or more"] == pytest.approx(0.2)
    assert "sung a cappella" not in figures
    assert figures["sung, male"] == pytest.approx(np.mean([5, 9, 13, 17]))


def test_calibration_finds_the_temperature_that_was_hidden() -> None:
    rng = np.random.default_rng(0)
    logits = rng.normal(0, 2, (4000, 4))
    odds = np.exp(logits)
    labels = np.array([rng.choice(4, p=row / row.sum()) for row in odds])
    overconfident = np.exp(2 * logits) / np.exp(2 * logits).sum(1, keepdims=True)
    calibration = calibrate(overconfident, labels, coverage=0.9)
    assert calibration.temperature == pytest.approx(2, rel=0.1)
    assert calibration.uncertain(calibration(overconfident)).mean() == pytest.approx(0.1, abs=0.01)
