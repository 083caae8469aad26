"""Metrics of timelines."""

from __future__ import annotations

import numpy as np
import pytest

from gender_audio.systems.labels import SINGING
from train.data.heard_songs import HeardSong
from train.evaluation.songs import boundary_errors_s, of_voice, timeline_metrics, worst_tenth

NONE, MALE, FEMALE, MULTIPLE = range(4)
TRUTH = np.repeat([NONE, MALE, MULTIPLE, MALE], 50)


def song(truth: np.ndarray) -> HeardSong:
    label = np.array(SINGING.labels.index("multiple"))
    return HeardSong(truth, label, np.zeros((len(truth), 26)), np.zeros((1, 4)), np.zeros(1), np.ones(1))


def test_boundaries_are_measured_apart_by_what_changes() -> None:
    assert of_voice(TRUTH).tolist() == [True, False, False]
    found = np.repeat([NONE, MALE, MULTIPLE, MALE], [53, 57, 40, 50])
    assert boundary_errors_s(found, TRUTH) == pytest.approx([0.3, 1.0, 0.0])
    metrics = timeline_metrics([found], [song(TRUTH)])
    assert metrics["median_error_of_voice_s"] == pytest.approx(0.3)
    assert metrics["median_error_of_singers_s"] == pytest.approx(0.5)
    assert metrics["accuracy"] == pytest.approx(1 - 13 / 200)


def test_what_is_not_there_has_no_error() -> None:
    truth = np.repeat([NONE, MALE], 50)
    assert timeline_metrics([truth], [song(truth)])["median_error_of_singers_s"] is None


def test_wrong_steps_of_the_worst_tenth() -> None:
    assert worst_tenth(np.array([6, *[1] * 14, *[0] * 5])) == pytest.approx(7 / 20)
    assert worst_tenth(np.zeros(20, int)) == 0
