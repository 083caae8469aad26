"""Losses, data sets and classical models of the cross-fitted methods."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC
from torch import nn

from train.recipes.crossfit import (
    REGRESSION_COST,
    RowDataset,
    Rows,
    WeightedCrossEntropy,
    class_weights,
    fit_logistic_regression,
    fit_svm,
    predict,
)


def test_loss_weights_classes_equally() -> None:
    labels = torch.tensor([0, 1, 1, 1])
    weights_of = class_weights(labels)
    assert (weights_of[labels] / 4).sum().item() == pytest.approx(1)
    sure = torch.tensor([[2.0, 0.0]] * 4)
    loss = WeightedCrossEntropy(weights_of)(nn.Identity(), (sure, labels))
    mean = nn.functional.cross_entropy(sure, labels, reduction="none")
    assert loss.item() == pytest.approx((mean[0].item() + mean[1:].mean().item()) / 2, abs=1e-6)


def test_logistic_regression_equals_scikit_learn() -> None:
    rng = np.random.default_rng(0)
    values, labels = rng.normal(0, 1, (60, 5)) * [1, 10, 0.1, 1, 0], (np.arange(60) % 3 > 0).astype(int)
    values[:, 0] += 2 * labels
    fitted = LogisticRegression(C=REGRESSION_COST, class_weight="balanced")
    pipe = make_pipeline(StandardScaler(), fitted).fit(values, labels)
    probabilities = predict(fit_logistic_regression(values, labels), [torch.from_numpy(values)]).softmax(1)
    np.testing.assert_allclose(probabilities, pipe.predict_proba(values), atol=1e-4)


def test_row_dataset_shuffles_every_epoch() -> None:
    rows = Rows((torch.arange(50)[:, None],), torch.zeros(50, dtype=torch.long), np.zeros(50, int))
    turns = RowDataset(rows, 0)
    passes = [[int(turns[50 * turn + number][0]) for number in range(50)] for turn in (0, 1)]
    assert sorted(passes[0]) == sorted(passes[1]) == list(range(50)) and passes[0] != passes[1]


def test_svm_equals_scikit_learn() -> None:
    rng = np.random.default_rng(0)
    values, labels = rng.normal(0, 1, (60, 5)) * [1, 10, 0.1, 1, 1], np.arange(60) % 2
    values[:, 0] += 2 * labels
    svm = make_pipeline(StandardScaler(), SVC(C=1.0, gamma=0.1, class_weight="balanced")).fit(values, labels)
    logits = predict(fit_svm(values, labels), [torch.from_numpy(values)])
    np.testing.assert_allclose(logits[:, 1], svm.decision_function(values), atol=1e-4)
