"""Cross-fitting: one network for each fold of the songs, so that every song has an out-of-fold prediction.

Network k is trained on all folds but two: fold k + 1 chooses its best round, and fold k is only predicted afterwards.
Aggregators are trained on these out-of-fold predictions, and methods are chosen by them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import balanced_accuracy_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC
from torch import Tensor, nn
from torch.utils.data import Dataset

from gender_audio.models.genre_song import RBFSVM
from train.data.sampler import ShuffledEpochs
from train.engine.augment import StackSpecAugment
from train.engine.fit import fit
from train.engine.schedule import Schedule

BATCH = 128
SVM_COST, SVM_GAMMA = 1.0, 0.5  # C, and gamma times the number of values
REGRESSION_COST = 0.01


@dataclass(frozen=True, eq=False)
class Rows:
    """Training data of a network.

    Attributes:
        inputs: tensors [n, ...] in the order of the network's arguments; the first may be in half precision.
        labels: int [n].
        folds: of the songs that the rows are from, int [n].
    """

    inputs: tuple[Tensor, ...]
    labels: Tensor
    folds: np.ndarray

    def select(self, chosen: np.ndarray) -> Rows:
        """The rows where `chosen`, bool [n], is true."""
        keep = torch.from_numpy(chosen)
        return Rows(tuple(values[keep] for values in self.inputs), self.labels[keep], self.folds[chosen])


class RowDataset(Dataset[tuple[Tensor, ...]]):
    """Repeated passes over the rows, each in a new random order."""

    def __init__(self, rows: Rows, seed: int) -> None:
        self.rows = rows
        self._passes = ShuffledEpochs(np.arange(len(rows.labels)), seed)

    def __getitem__(self, number: int) -> tuple[Tensor, ...]:
        row = self._passes(number)
        first, *rest = (values[row] for values in self.rows.inputs)
        return first.float(), *rest, self.rows.labels[row]


@dataclass(frozen=True, eq=False)
class WeightedCrossEntropy:
    """Cross-entropy in which all classes have the same total weight.

    Attributes:
        weights: of the classes, [k].
        spec_augment: masks of the first input; None for inputs without bands and frames.
        mixup: alpha of mixup (Zhang et al. 2018); 0 for none.
    """

    weights: Tensor
    spec_augment: StackSpecAugment | None = None
    mixup: float = 0.0

    def __call__(self, network: nn.Module, batch: tuple[Tensor, ...]) -> Tensor:
        """The loss of one batch of inputs and labels."""
        first, *rest, labels = batch
        if self.spec_augment:
            first = self.spec_augment(first)
        if not self.mixup:
            return self.entropy(network(first, *rest), labels)
        share = float(torch.distributions.Beta(self.mixup, self.mixup).sample())
        other = torch.randperm(len(labels))
        logits = network(share * first + (1 - share) * first[other], *rest)
        return share * self.entropy(logits, labels) + (1 - share) * self.entropy(logits, labels[other])

    def entropy(self, logits: Tensor, labels: Tensor) -> Tensor:
        """The weighted cross-entropy of logits [b, k] and labels [b]."""
        return nn.functional.cross_entropy(logits.float(), labels, self.weights.to(labels.device))


@dataclass(frozen=True)
class TrainingConfig:
    """How the network of a method is trained."""

    build: Callable[[], nn.Module]
    schedule: Schedule
    spec_augment: StackSpecAugment | None = None
    mixup: float = 0.0


def class_weights(labels: Tensor) -> Tensor:
    """Weights [k] that give every class the same total weight; their mean over the rows is 1."""
    counts = torch.bincount(labels).float()
    return len(labels) / (len(counts) * counts)


def train_fold(config: TrainingConfig, rows: Rows, count: int, fold: int, run: Path, seed: int) -> nn.Module:
    """Train the network of one of `count` folds, or load its finished run."""
    torch.manual_seed(1000 * seed + fold)
    validation_fold = (fold + 1) % count
    training = rows.select((rows.folds != fold) & (rows.folds != validation_fold))
    validation = rows.select(rows.folds == validation_fold)
    loss = WeightedCrossEntropy(class_weights(training.labels), config.spec_augment, config.mixup)

    def score(network: nn.Module) -> dict[str, float]:
        logits = predict(network, validation.inputs)
        labels = logits.argmax(1).numpy()
        return {
            "score": -float(loss.entropy(logits, validation.labels)),
            "balanced_accuracy": float(balanced_accuracy_score(validation.labels.numpy(), labels)),
        }

    network = config.build()
    dataset = RowDataset(training, 1000 * seed + fold)
    fit(network, dataset, loss, score, config.schedule, run / f"fold-{fold}", seed)
    return network


def train_folds(config: TrainingConfig, rows: Rows, count: int, run: Path, seed: int) -> nn.ModuleList:
    """The networks of all folds."""
    return nn.ModuleList(train_fold(config, rows, count, fold, run, seed) for fold in range(count))


@torch.inference_mode()
def predict(network: nn.Module, inputs: Sequence[Tensor]) -> Tensor:
    """Logits [n, k] of rows of inputs."""
    parts = zip(*(values.split(BATCH) for values in inputs), strict=True)
    return torch.cat([network(first.float(), *rest) for first, *rest in parts])


def fit_svm(values: np.ndarray, labels: np.ndarray) -> RBFSVM:
    """A support vector machine on values [n, inputs] and labels 0 or 1 [n], with balanced class weights."""
    svm = SVC(C=SVM_COST, gamma=SVM_GAMMA / values.shape[1], class_weight="balanced")
    pipeline = make_pipeline(StandardScaler(), svm).fit(values, labels)
    module = RBFSVM(values.shape[1], len(svm.support_vectors_), svm.gamma)
    state = {
        "mean": pipeline[0].mean_,
        "scale": pipeline[0].scale_,
        "vectors": svm.support_vectors_,
        "weights": svm.dual_coef_[0],
        "bias": svm.intercept_,
    }
    module.load_state_dict({name: torch.from_numpy(value).float() for name, value in state.items()})
    return module.eval()


def fit_logistic_regression(values: np.ndarray, labels: np.ndarray) -> nn.Linear:
    """A logistic regression on standardised values [n, inputs] and labels 0 or 1 [n], with balanced class weights."""
    regression = LogisticRegression(C=REGRESSION_COST, class_weight="balanced", max_iter=1000)
    pipeline = make_pipeline(StandardScaler(), regression).fit(values, labels)
    slope = regression.coef_[0] / pipeline[0].scale_
    offset = regression.intercept_[0] - slope @ pipeline[0].mean_
    layer = nn.Linear(values.shape[1], 2)
    layer.load_state_dict(
        {
            "weight": torch.from_numpy(np.stack([-slope, slope]) / 2).float(),
            "bias": torch.tensor([-offset, offset]).float() / 2,
        }
    )
    return layer.eval()


def crossfit(
    fit_model: Callable[[np.ndarray, np.ndarray], nn.Module], values: np.ndarray, labels: np.ndarray, folds: np.ndarray
) -> nn.ModuleList:
    """One model for each fold, fitted to all other folds. It has no rounds, so it needs no validation fold."""
    return nn.ModuleList(fit_model(values[folds != fold], labels[folds != fold]) for fold in range(folds.max() + 1))
