"""Recipe `combination`: logistic regressions that combine the ensemble with published networks.

They are fitted on singers whom the members that answer have not heard. The penalty, the temperature and the threshold
come from predictions of `real_val.csv` and `remix_val.csv` by regressions that were fitted without their singers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from torch import nn

from gender_audio import weights
from gender_audio.calibration import Calibration
from gender_audio.systems import published
from gender_audio.systems.combination import ALL, ENSEMBLE, SYSTEM
from gender_audio.systems.labels import SINGING
from train.data.corpus import recording_licences, recordings_digest
from train.engine.bootstrap import balanced_accuracy
from train.engine.calibrate import accuracy_threshold, fit_temperature
from train.engine.quick import count
from train.recipes.combination_rows import Inputs, read_rows, regression_inputs

COSTS = (1e-3, 3e-3, 1e-2, 3e-2, 1e-1, 3e-1, 1.0)
"""Inverse strengths of the L2 penalty to choose from."""
FITS = 5
"""Regressions that are fitted to predict the rows of each other's singers."""
ACCURACY, COVERAGE = 0.94, 0.75
"""The threshold of "not sure" is the lowest one above which this share of the validation rows is right. At least
`COVERAGE` of the rows are above it."""


@dataclass(frozen=True)
class Recipe:
    """Everything that the combination depends on, besides the members in `weights/singing` and their folds.

    Attributes:
        draws: number of random rows of the train split. Rows with singers of several folds are dropped, because no
            member is new to all of them.
    """

    data: Path
    protocol: Path
    cache: Path
    seed: int = 0
    draws: int = count(2_000, quick=80)

    def stage(self, command: str) -> weights.Stage:
        """The entry for this training in the card."""
        return weights.Stage(
            kind="train",
            command=command,
            seed=self.seed,
            splits=("train", "val"),
            settings={
                "members": weights.fingerprint(SINGING.name),
                "draws": self.draws,
                "corpora": recordings_digest(self.data),
            },
        )


def fit_regression(inputs: np.ndarray, labels: np.ndarray, weight: np.ndarray, cost: float) -> nn.Linear:
    """A logistic regression on standardised inputs [n, f], as one layer on the inputs as they are."""
    pipeline = make_pipeline(StandardScaler(), LogisticRegression(C=cost, max_iter=2_000))
    pipeline.fit(inputs, labels, logisticregression__sample_weight=weight)
    slope = pipeline[1].coef_ / pipeline[0].scale_
    layer = nn.Linear(inputs.shape[1], len(SINGING.labels))
    layer.load_state_dict(
        {
            "weight": torch.from_numpy(slope).float(),
            "bias": torch.from_numpy(pipeline[1].intercept_ - slope @ pipeline[0].mean_).float(),
        }
    )
    return layer.eval()


@torch.inference_mode()
def predict(regression: nn.Linear, inputs: np.ndarray) -> np.ndarray:
    """Probabilities [n, 4] of inputs [n, f]."""
    probabilities: np.ndarray = regression(torch.from_numpy(inputs.astype(np.float32))).double().softmax(-1).numpy()
    return probabilities


def out_of_fold(inputs: Inputs, name: str, cost: float) -> np.ndarray:
    """Probabilities [n, 4] of every row by a regression that was fitted without its singer."""
    values, weight = inputs.values[name], inputs.weight
    probabilities = np.zeros((len(values), len(SINGING.labels)))
    folds = StratifiedGroupKFold(FITS, shuffle=True, random_state=0).split(values, inputs.labels, inputs.groups)
    for others, held_out in folds:
        regression = fit_regression(values[others], inputs.labels[others], weight[others], cost)
        probabilities[held_out] = predict(regression, values[held_out])
    return probabilities


def choose_cost(inputs: Inputs, name: str) -> tuple[float, np.ndarray]:
    """The cost with the lowest NLL on the validation rows, and the out-of-fold probabilities of all rows with it."""
    rows = inputs.validation

    def loss(probabilities: np.ndarray) -> float:
        return float(
            log_loss(
                inputs.labels[rows],
                probabilities[rows],
                sample_weight=inputs.weight[rows],
                labels=range(len(SINGING.labels)),
            )
        )

    tried = [(cost, out_of_fold(inputs, name, cost)) for cost in COSTS]
    return min(tried, key=lambda result: loss(result[1]))


def fit(recipe: Recipe) -> tuple[dict[str, nn.Linear], Calibration, dict[str, float]]:
    """The regressions by name, the calibration of `ALL`, and out-of-fold metrics on the validation rows."""
    folds, networks = weights.card(SINGING.name).folds, published.load_all()
    inputs = regression_inputs(
        read_rows(recipe.data, recipe.protocol, recipe.draws, recipe.seed, folds), networks, folds, recipe.cache
    )
    probabilities = {ENSEMBLE: inputs.values[ENSEMBLE]}
    regressions = {}
    for name in (ALL, *(network.name for network in networks)):
        cost, probabilities[name] = choose_cost(inputs, name)
        regressions[name] = fit_regression(inputs.values[name], inputs.labels, inputs.weight, cost)
    metrics = {
        f"{row_set}_balanced_accuracy_{name}": balanced_accuracy(
            values[inputs.sets == row_set].argmax(1), inputs.labels[inputs.sets == row_set]
        )
        for name, values in probabilities.items()
        for row_set in np.unique(inputs.sets)
    }
    rows = inputs.validation
    calibration = fit_calibration(probabilities[ALL][rows], inputs.labels[rows], inputs.weight[rows])
    return regressions, calibration, metrics


def fit_calibration(probabilities: np.ndarray, labels: np.ndarray, weight: np.ndarray) -> Calibration:
    """The temperature with the lowest NLL of probabilities [n, 4], and the threshold for `ACCURACY` and `COVERAGE`."""
    temperature = fit_temperature(probabilities, labels, weight)
    calibrated = Calibration(temperature)(probabilities)
    correct = calibrated.argmax(1) == labels
    threshold = accuracy_threshold(calibrated.max(1), correct, weight, ACCURACY, COVERAGE)
    return Calibration(temperature, threshold)


def export(
    regressions: Mapping[str, nn.Linear],
    calibration: Calibration,
    metrics: Mapping[str, float],
    recipe: Recipe,
    command: str,
) -> None:
    """Write `weights/combination`."""
    card = weights.Card(
        system=SYSTEM,
        labels=SINGING.labels,
        model={"inputs": {name: regression.in_features for name, regression in regressions.items()}},
        feature={},
        fingerprint="",
        inputs=("ensemble", *(name for name in regressions if name != ALL)),
        data=recording_licences(recipe.data),
        metrics=dict(metrics),
        stages=(recipe.stage(command),),
        calibration=asdict(calibration),
    )
    weights.save(dict(regressions), card)
