"""Recipe `combination`: logistic regressions that combine the ensemble with published networks.

They are fitted on singers of the train split whom the members that answer have not heard, chosen and calibrated on
`real_val.csv` and `remix_val.csv`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from torch import nn

from gender_audio import weights
from gender_audio.calibration import Calibration
from gender_audio.systems import published
from gender_audio.systems.combination import ALL, ENSEMBLE, SYSTEM, combination_inputs
from gender_audio.systems.labels import SINGING
from gender_audio.systems.published import PublishedNetwork
from train.data.corpus import recording_licences, recordings_digest
from train.data.folds import FOLDS
from train.data.library import Library
from train.data.real_snippets import draw_real, load_real
from train.data.remix import load_protocol
from train.data.remixer import Remixer
from train.engine.bootstrap import balanced_accuracy
from train.engine.calibrate import accuracy_threshold, fit_temperature
from train.engine.quick import count
from train.recipes import singing
from train.recipes.answers import answer

COSTS = (1e-3, 3e-3, 1e-2, 3e-2, 1e-1, 3e-1, 1.0)
"""Inverse strengths of the L2 penalty to choose from."""
SEPARATOR = "unet"
ACCURACY, COVERAGE = 0.94, 0.75
"""The threshold of "not sure" is the lowest one above which this share of the validation rows is right. At least
`COVERAGE` of the rows are above it."""


@dataclass(frozen=True)
class Recipe:
    """Everything that the combination depends on, besides the members in `weights/singing` and their folds.

    Attributes:
        real, remixes: numbers of rows of each kind that are drawn for fitting. Rows with singers of several folds are
            dropped, because no member is new to all of them.
    """

    data: Path
    protocol: Path
    cache: Path
    seed: int = 0
    real: int = count(2_000, quick=80)
    remixes: int = count(2_000, quick=80)

    def stage(self, command: str) -> weights.Stage:
        """The entry for this training in the card."""
        return weights.Stage(
            kind="train",
            command=command,
            seed=self.seed,
            splits=("train",),
            settings={
                "members": weights.fingerprint(SINGING.name),
                "real": self.real,
                "remixes": self.remixes,
                "corpora": recordings_digest(self.data),
            },
        )


@dataclass(frozen=True, eq=False)
class Rows:
    """Labelled rows: n snippets, float32 [48000] each, with label numbers int [n] and the singers of each."""

    snippets: list[np.ndarray]
    labels: np.ndarray
    singers: list[tuple[str, ...]]

    def __len__(self) -> int:
        return len(self.labels)

    def select(self, rows: np.ndarray) -> Rows:
        """Some of the rows, by number."""
        return Rows([self.snippets[row] for row in rows], self.labels[rows], [self.singers[row] for row in rows])


def training_rows(recipe: Recipe, folds: Mapping[str, int]) -> dict[str, Rows]:
    """Windows of real recordings, and remixes as in the protocol, both of the train split and usable."""
    real = draw_real(recipe.data, "train", recipe.real, recipe.seed)
    config = singing.Recipe(recipe.data, recipe.cache, seed=recipe.seed).for_calibration.cache_config
    remixer = Remixer(Library.open(config.data, config.sources, config.cache), config.remix)
    remixes = [remixer.draw(np.random.default_rng((config.seed, number))) for number in range(recipe.remixes)]
    rows = {
        "real": _rows([(snippet.samples, snippet.label, snippet.singers) for snippet in real]),
        "remix": _rows([(remix.mixture, remix.label, remix.singers) for remix in remixes]),
    }
    return {name: usable(of_kind, folds) for name, of_kind in rows.items()}


def validation_rows(recipe: Recipe, folds: Mapping[str, int]) -> dict[str, Rows]:
    """The usable rows of `real_val.csv` and `remix_val.csv`."""
    real = load_real(recipe.protocol / "real_val.csv", recipe.data)
    remixes = load_protocol(recipe.protocol / "remix_val.csv", recipe.data)
    rows = {
        "real": _rows([(row.samples, row.label, row.singers) for row in real]),
        "remix": _rows([(row.mixture, row.label, row.singers) for row in remixes]),
    }
    return {name: usable(of_kind, folds) for name, of_kind in rows.items()}


def _rows(rows: Sequence[tuple[np.ndarray, str, tuple[str, ...]]]) -> Rows:
    snippets, labels, singers = zip(*rows, strict=True)
    return Rows(
        [snippet.astype(np.float32) for snippet in snippets],
        np.array([SINGING.labels.index(label) for label in labels]),
        list(singers),
    )


def held_out_fold(singers: Sequence[str], folds: Mapping[str, int]) -> int | None:
    """The fold of the members that have not heard the singers: -1 if that is every member, None if it is none."""
    of_row = {folds[singer] for singer in singers if singer in folds}
    if not of_row:
        return -1
    return of_row.pop() if len(of_row) == 1 and -1 not in of_row else None


def usable(rows: Rows, folds: Mapping[str, int]) -> Rows:
    """The rows whose singers are new to some member."""
    return rows.select(np.flatnonzero([held_out_fold(singers, folds) is not None for singers in rows.singers]))


def member_weight(rows: Rows, folds: Mapping[str, int], members: int) -> np.ndarray:
    """The weight of every member for every usable row, [m, n]: equal for those that have not heard its singers."""
    fold = np.array([held_out_fold(singers, folds) for singers in rows.singers], dtype=int)
    counts = (fold == -1) | (np.arange(members)[:, None] % FOLDS == fold)
    return counts / counts.sum(0)


def balanced_weight(labels: np.ndarray, sets: np.ndarray) -> np.ndarray:
    """Weight of every row, [n]: all labels of all sets have the same total, and the mean is 1."""
    weight = np.zeros(len(labels))
    for row_set in np.unique(sets):
        for label in np.unique(labels[sets == row_set]):
            cell = (sets == row_set) & (labels == label)
            weight[cell] = 1 / cell.sum()
    return weight * len(weight) / weight.sum()


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


@dataclass(frozen=True, eq=False)
class Inputs:
    """Inputs of the regressions for n rows: `values` maps the name of each regression to [n, f]."""

    values: dict[str, np.ndarray]
    labels: np.ndarray
    sets: np.ndarray

    @property
    def weight(self) -> np.ndarray:
        """Weight of every row, [n]."""
        return balanced_weight(self.labels, self.sets)


def regression_inputs(
    rows: Mapping[str, Rows], networks: Sequence[PublishedNetwork], folds: Mapping[str, int], cache: Path
) -> Inputs:
    """What members that have not heard the singers, and the published networks, say about some sets of rows."""
    card = weights.card(SINGING.name)
    values: dict[str, list[np.ndarray]] = defaultdict(list)
    for of_set in rows.values():
        answers = answer(of_set.snippets, SEPARATOR, networks, cache)
        weight = member_weight(of_set, folds, len(answers.logits))
        ensemble = answers.ensemble(Calibration(**card.calibration), weight)
        values[ALL].append(combination_inputs(ensemble, [answers.outputs[network.name] for network in networks]))
        values[ENSEMBLE].append(ensemble)
        for name, outputs in answers.outputs.items():
            values[name].append(outputs)
    return Inputs(
        {name: np.concatenate(parts) for name, parts in values.items()},
        np.concatenate([of_set.labels for of_set in rows.values()]),
        np.repeat(list(rows), [len(of_set) for of_set in rows.values()]),
    )


def choose_regression(name: str, training: Inputs, validation: Inputs) -> nn.Linear:
    """The regression with the penalty that has the lowest NLL on the validation rows."""
    regressions = [fit_regression(training.values[name], training.labels, training.weight, cost) for cost in COSTS]
    losses = [
        log_loss(
            validation.labels,
            predict(regression, validation.values[name]),
            sample_weight=validation.weight,
            labels=range(len(SINGING.labels)),
        )
        for regression in regressions
    ]
    return regressions[int(np.argmin(losses))]


def fit(recipe: Recipe) -> tuple[dict[str, nn.Linear], Calibration, dict[str, float]]:
    """The regressions by name, the calibration of `ALL`, and metrics on the validation rows."""
    folds, networks = weights.card(SINGING.name).folds, published.load_all()
    training = regression_inputs(training_rows(recipe, folds), networks, folds, recipe.cache)
    validation = regression_inputs(validation_rows(recipe, folds), networks, folds, recipe.cache)
    regressions = {
        name: choose_regression(name, training, validation) for name in (ALL, *(network.name for network in networks))
    }
    probabilities = {name: predict(regression, validation.values[name]) for name, regression in regressions.items()}
    probabilities[ENSEMBLE] = validation.values[ENSEMBLE]
    metrics = {
        f"{row_set}_val_balanced_accuracy_{name}": balanced_accuracy(
            values[validation.sets == row_set].argmax(1), validation.labels[validation.sets == row_set]
        )
        for name, values in probabilities.items()
        for row_set in np.unique(validation.sets)
    }
    return regressions, fit_calibration(probabilities[ALL], validation.labels, validation.weight), metrics


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
