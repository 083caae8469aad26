"""Cross-fitting: one network for each fold of the songs, so that every song has an answer from one that never met it.

Network k learns from all folds but two: fold k + 1 chooses its best round, fold k is only listened to afterwards. What
it says of fold k is out of fold, and is what aggregators learn from and methods are chosen by.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
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
from train.engine.fit import Schedule, fit

BATCH = 128
SVM_COST, SVM_REACH = 1.0, 0.5  # C, and gamma in units of one over the number of values
REGRESSION_COST = 0.01


@dataclass(frozen=True, eq=False)
class Rows:
    """What networks learn from: arguments of the network, side by side, and who they belong to.

    Attributes:
        inputs: tensors [n, ...] in the order of the network's arguments; the first may be in half precision.
        labels: int [n].
        folds: of the songs that the rows are from, int [n].
    """

    inputs: tuple[Tensor, ...]
    labels: Tensor
    folds: np.ndarray

    def only(self, chosen: np.ndarray) -> Rows:
        """The rows where `chosen`, bool [n], is true."""
        keep = torch.from_numpy(chosen)
        return Rows(tuple(values[keep] for values in self.inputs), self.labels[keep], self.folds[chosen])


class Turns(Dataset[tuple[Tensor, ...]]):
    """The rows over and over; every pass over them is shuffled anew."""

    def __init__(self, rows: Rows, seed: int) -> None:
        self.rows = rows
        self._passes = ShuffledEpochs(np.arange(len(rows.labels)), seed)

    def __getitem__(self, number: int) -> tuple[Tensor, ...]:
        row = self._passes(number)
        first, *rest = (values[row] for values in self.rows.inputs)
        return first.float(), *rest, self.rows.labels[row]


@dataclass(frozen=True, eq=False)
class Loss:
    """Cross-entropy in which both classes count the same.

    Attributes:
        weights: of the classes, [k].
        holes: what is hidden from the network; None for inputs without bands and frames.
        mixup: parameter of the mixtures of two inputs (Zhang et al. 2018); 0 for none.
    """

    weights: Tensor
    holes: StackSpecAugment | None = None
    mixup: float = 0.0

    def __call__(self, network: nn.Module, batch: tuple[Tensor, ...]) -> Tensor:
        """The loss of one batch of inputs and labels."""
        first, *rest, labels = batch
        if self.holes:
            first = self.holes(first)
        if not self.mixup:
            return self._entropy(network(first, *rest), labels)
        share = float(torch.distributions.Beta(self.mixup, self.mixup).sample())
        other = torch.randperm(len(labels))
        logits = network(share * first + (1 - share) * first[other], *rest)
        return share * self._entropy(logits, labels) + (1 - share) * self._entropy(logits, labels[other])

    def _entropy(self, logits: Tensor, labels: Tensor) -> Tensor:
        return nn.functional.cross_entropy(logits.float(), labels, self.weights.to(labels.device))


@dataclass(frozen=True)
class Learner:
    """How the network of a method learns."""

    build: Callable[[], nn.Module]
    schedule: Schedule
    holes: StackSpecAugment | None = None
    mixup: float = 0.0


def balance(labels: Tensor) -> Tensor:
    """Weights [k] with which every class counts the same; 1 on average over the rows."""
    counts = torch.bincount(labels).float()
    return len(labels) / (len(counts) * counts)


def network(learner: Learner, rows: Rows, count: int, fold: int, run: Path, seed: int) -> nn.Module:
    """Train the network of one of `count` folds, or take it from its finished run."""
    torch.manual_seed(1000 * seed + fold)
    stops = (fold + 1) % count
    learnt = rows.only((rows.folds != fold) & (rows.folds != stops))
    held = rows.only(rows.folds == stops)
    entropy = Loss(balance(learnt.labels))

    def score(network: nn.Module) -> dict[str, float]:
        logits = predict(network, held.inputs)
        said = logits.argmax(1).numpy()
        return {
            "score": -float(entropy._entropy(logits, held.labels)),
            "balanced_accuracy": float(balanced_accuracy_score(held.labels.numpy(), said)),
        }

    made = learner.build()
    loss = replace(entropy, holes=learner.holes, mixup=learner.mixup)
    fit(made, Turns(learnt, 1000 * seed + fold), loss, score, learner.schedule, run / f"fold-{fold}", seed)
    return made


def networks(learner: Learner, rows: Rows, count: int, run: Path, seed: int) -> nn.ModuleList:
    """The networks of all folds."""
    return nn.ModuleList(network(learner, rows, count, fold, run, seed) for fold in range(count))


@torch.inference_mode()
def predict(network: nn.Module, inputs: Sequence[Tensor]) -> Tensor:
    """Logits [n, k] of rows of inputs."""
    parts = zip(*(values.split(BATCH) for values in inputs), strict=True)
    return torch.cat([network(first.float(), *rest) for first, *rest in parts])


def machine(values: np.ndarray, labels: np.ndarray) -> RBFSVM:
    """A support vector machine on values [n, inputs] of songs with labels 0 or 1, both classes of the same weight."""
    svm = SVC(C=SVM_COST, gamma=SVM_REACH / values.shape[1], class_weight="balanced")
    pipe = make_pipeline(StandardScaler(), svm).fit(values, labels)
    kernel = RBFSVM(values.shape[1], len(svm.support_vectors_), svm.gamma)
    learnt = {
        "mean": pipe[0].mean_,
        "scale": pipe[0].scale_,
        "vectors": svm.support_vectors_,
        "weights": svm.dual_coef_[0],
        "bias": svm.intercept_,
    }
    kernel.load_state_dict({name: torch.from_numpy(value).float() for name, value in learnt.items()})
    return kernel.eval()


def regression(values: np.ndarray, labels: np.ndarray) -> nn.Linear:
    """A logistic regression on standardised values [n, inputs] of songs with labels 0 or 1, both of the same weight."""
    fitted = LogisticRegression(C=REGRESSION_COST, class_weight="balanced", max_iter=1000)
    pipe = make_pipeline(StandardScaler(), fitted).fit(values, labels)
    slope = fitted.coef_[0] / pipe[0].scale_
    offset = fitted.intercept_[0] - slope @ pipe[0].mean_
    line = nn.Linear(values.shape[1], 2)
    line.load_state_dict(
        {
            "weight": torch.from_numpy(np.stack([-slope, slope]) / 2).float(),
            "bias": torch.tensor([-offset, offset]).float() / 2,
        }
    )
    return line.eval()


def crossfit(
    learn: Callable[[np.ndarray, np.ndarray], nn.Module], values: np.ndarray, labels: np.ndarray, folds: np.ndarray
) -> nn.ModuleList:
    """The machines or regressions of all folds; each learns from all others, for it has no rounds to choose from."""
    return nn.ModuleList(learn(values[folds != fold], labels[folds != fold]) for fold in range(folds.max() + 1))
