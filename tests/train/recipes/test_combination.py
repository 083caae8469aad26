"""The recipe of the combination: who may answer, and what is fitted."""

from __future__ import annotations

import numpy as np
import pytest

from gender_audio.systems.combination import ALL
from train.recipes.combination import (
    COSTS,
    choose_cost,
    fit_calibration,
    fit_regression,
    out_of_fold,
    predict,
)
from train.recipes.combination_rows import Inputs, Rows, balanced_weight, held_out_fold, member_weight, usable

FOLDS = {"amy": 0, "ann": 0, "leon": 3, "everywhere": -1}


@pytest.mark.parametrize(
    ("singers", "fold"),
    [
        ((), -1),
        (("stranger",), -1),
        (("amy",), 0),
        (("amy", "ann"), 0),
        (("amy", "stranger"), 0),
        (("amy", "leon"), None),
        (("everywhere",), None),
    ],
)
def test_held_out_fold(singers: tuple[str, ...], fold: int | None) -> None:
    assert held_out_fold(singers, FOLDS) == fold


def test_only_members_that_have_not_heard_the_singers_count() -> None:
    singers = [("amy",), ("stranger",), ("amy", "leon")]
    rows = usable(Rows([np.zeros(1)] * 3, np.array([1, 1, 3]), singers), FOLDS)
    assert rows.singers == singers[:2]
    weight = member_weight(rows, FOLDS, members=10)
    assert weight[:, 0].tolist() == [0.5, 0, 0, 0, 0, 0.5, 0, 0, 0, 0]
    assert weight[:, 1] == pytest.approx(0.1)


def test_labels_of_each_set_have_the_same_weight() -> None:
    labels, sets = np.array([0, 0, 0, 1, 0, 1]), np.array(["a", "a", "a", "a", "b", "b"])
    weight = balanced_weight(labels, sets)
    assert weight.mean() == pytest.approx(1)
    assert weight[:3].sum() == pytest.approx(weight[3]) == pytest.approx(weight[4])


def inputs(count: int, seed: int) -> Inputs:
    """Two inputs that tell four labels apart, on very different scales."""
    rng = np.random.default_rng(seed)
    labels = np.arange(count) % 4
    values = np.stack([1000 * (labels % 2), labels // 2], 1) + rng.normal(0, 0.2, (count, 2)) * [1000, 1] + [5000, 0]
    sets = np.where(np.arange(count) < count // 2, "train", "real_val")
    groups = np.array([f"singer {number // 8}" for number in range(count)])
    return Inputs({ALL: values.astype(np.float32)}, labels, sets, groups)


def test_regression_on_any_scale_learns_the_labels() -> None:
    training = inputs(400, 0)
    cost, probabilities = choose_cost(training, ALL)
    assert cost in COSTS
    assert (probabilities.argmax(1) == training.labels).mean() > 0.95
    np.testing.assert_allclose(probabilities.sum(1), 1, atol=1e-6)


def test_rows_are_predicted_without_their_singer() -> None:
    """Labels that follow the singer alone cannot be predicted for a new singer."""
    rng = np.random.default_rng(0)
    singers = np.repeat(np.arange(40), 10)
    known = Inputs(
        {ALL: (np.eye(40)[singers] + 0.01 * rng.normal(size=(400, 40))).astype(np.float32)},
        rng.integers(0, 4, 40)[singers],
        np.array(["real_val"] * 400),
        singers.astype(str),
    )
    assert (out_of_fold(known, ALL, 1.0).argmax(1) == known.labels).mean() < 0.5


def test_stronger_penalty_gives_weaker_probabilities() -> None:
    training = inputs(400, 0)
    weak, strong = (
        predict(fit_regression(training.values[ALL], training.labels, training.weight, cost), training.values[ALL])
        for cost in (1e-3, 1.0)
    )
    assert weak.max(1).mean() < strong.max(1).mean()


def test_calibration_reaches_the_accuracy_above_its_threshold() -> None:
    rng = np.random.default_rng(0)
    logits = rng.normal(0, 2, (2_000, 4))
    probabilities = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    labels = np.array([rng.choice(4, p=row) for row in probabilities])
    calibration = fit_calibration(probabilities, labels, np.ones(2_000))
    calibrated = calibration(probabilities)
    sure = ~calibration.uncertain(calibrated)
    assert calibration.temperature == pytest.approx(1, abs=0.1)
    assert sure.mean() == pytest.approx(0.75, abs=0.01), "less would be right often enough"
