"""Functions that the speech recipes share: balanced samples, the loss, and predictions for recordings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import torch
from torch import Tensor, nn

from gender_audio.calibration import Calibration
from gender_audio.systems.ensemble import member_logits
from gender_audio.systems.speech import SpeechClassifier
from gender_audio.systems.speech_features import SpeechFeatures
from train.data.sampler import BalancedSampler
from train.data.speech_cache import SpeechSnippets
from train.engine.bootstrap import balanced_accuracy
from train.engine.calibrate import calibrate
from train.engine.types import Loss, Score

COVERAGE = 0.9
"""Share of the validation recordings above the threshold of a calibrated classifier."""
Classifier = TypeVar("Classifier", bound=SpeechClassifier)


@dataclass(frozen=True, eq=False)
class Predictions:
    """Predictions for n recordings.

    Attributes:
        members: probabilities of every member, [m, n, 2].
        probabilities: calibrated, of the classifier, [n, 2].
        labels, speakers, datasets, paths: of the recordings, [n].
    """

    members: np.ndarray
    probabilities: np.ndarray
    labels: np.ndarray
    speakers: np.ndarray
    datasets: np.ndarray
    paths: np.ndarray


def predict(classifier: SpeechClassifier, snippets: SpeechSnippets) -> Predictions:
    """Predict every recording: the mean of the probabilities of its snippets."""
    return predict_with(classifier.members, classifier.features, classifier.calibration, snippets)


def predict_with(
    networks: Mapping[str, nn.Module], features: SpeechFeatures, calibration: Calibration, snippets: SpeechSnippets
) -> Predictions:
    """Like `predict`, for networks in evaluation mode that are calibrated together."""
    members = predict_snippets(networks, features, snippets)
    calibrated = calibration(members.mean(0))
    paths, first, recording = np.unique(snippets.paths, return_index=True, return_inverse=True)
    share = (recording == np.arange(len(paths))[:, None]) / np.bincount(recording)[:, None]
    means = share @ np.concatenate([members, calibrated[None]])
    return Predictions(
        members=means[:-1],
        probabilities=means[-1],
        labels=snippets.labels[first],
        speakers=snippets.speakers[first],
        datasets=snippets.datasets[first],
        paths=paths,
    )


def predict_snippets(
    networks: Mapping[str, nn.Module], features: SpeechFeatures, snippets: SpeechSnippets
) -> np.ndarray:
    """Probabilities of every member for every snippet, [m, n, 2]; snippets of one length form a batch."""
    order = np.argsort(snippets.lengths, kind="stable")
    probabilities = np.zeros((len(networks), len(snippets), 2))
    for rows in np.split(order, np.flatnonzero(np.diff(snippets.lengths[order])) + 1):
        images = features.images([snippets.features(row) for row in rows])
        probabilities[:, rows] = member_logits(networks.values(), images).softmax(-1).numpy()
    return probabilities


def calibrated(classifier: Classifier, snippets: SpeechSnippets) -> Classifier:
    """The same members with a temperature from these snippets and a threshold from these recordings."""
    kind, members, features = type(classifier), classifier.members, classifier.features
    temperature = calibrate(predict_snippets(members, features, snippets).mean(0), snippets.labels).temperature
    confidence = predict(kind(members, features, Calibration(temperature)), snippets).probabilities.max(1)
    threshold = float(np.quantile(confidence, 1 - COVERAGE))
    return kind(members, features, Calibration(temperature, threshold))


def macro_accuracy(probabilities: np.ndarray, predictions: Predictions) -> float:
    """The mean over the corpora of the balanced accuracy of probabilities [n, 2]; models are chosen by it."""
    labels = probabilities.argmax(1)
    parts = [predictions.datasets == name for name in np.unique(predictions.datasets)]
    return float(np.mean([balanced_accuracy(labels[rows], predictions.labels[rows]) for rows in parts]))


def macro_nll(probabilities: np.ndarray, predictions: Predictions) -> float:
    """Cross-entropy of probabilities [n, 2] in which every label of every corpus has the same weight."""
    rows = np.arange(len(predictions.labels))
    nats = -np.log(np.maximum(probabilities[rows, predictions.labels], 1e-6))
    cells = [
        nats[(predictions.datasets == name) & (predictions.labels == label)]
        for name in np.unique(predictions.datasets)
        for label in (0, 1)
    ]
    return float(np.mean([cell.mean() for cell in cells if len(cell)]))


def score_on(features: SpeechFeatures, snippets: SpeechSnippets) -> Score:
    """A score for `train.engine.fit`: the negative macro NLL of a network alone."""

    def score(network: nn.Module) -> dict[str, float]:
        predictions = predict_with({"alone": network.eval()}, features, Calibration(), snippets)
        probabilities = predictions.probabilities
        return {
            "score": -macro_nll(probabilities, predictions),
            "accuracy": macro_accuracy(probabilities, predictions),
        }

    return score


def constant_score(network: nn.Module) -> dict[str, float]:  # noqa: ARG001
    """A score for a schedule of a single round, which needs no choice."""
    return {"score": 0.0}


def balanced_samples(
    snippets: SpeechSnippets, cut: Callable[[np.ndarray, np.random.Generator], np.ndarray], seed: int
) -> BalancedSampler:
    """Snippets, balanced by corpus, label and speaker; `cut` takes a part of their features."""
    keys = (snippets.datasets, snippets.labels, snippets.speakers)
    return BalancedSampler(keys, snippets.labels, lambda row, rng: cut(snippets.features(row), rng), seed)


def crop(features: np.ndarray, rng: np.random.Generator, frames: int) -> np.ndarray:
    """A random part of a log mel image [bands, n] in -2..2, [bands, frames], relative to its own loudest value.

    A shorter image is repeated until it is long enough.
    """
    repeats = -(-frames // features.shape[1])
    start = rng.integers(repeats * features.shape[1] - frames + 1)
    part = np.tile(features, (1, repeats))[:, start : start + frames]
    return np.maximum(part - part.max() + 2, -2).astype(np.float32)


def cross_entropy(prepare: Callable[[Tensor], Tensor], mix: Callable[[Tensor, Tensor], tuple[Tensor, Tensor]]) -> Loss:
    """The loss of a batch of features [b, ...] and labels [b].

    Args:
        prepare: features to images.
        mix: mixes images and targets.
    """

    def loss(network: nn.Module, batch: tuple[Tensor, ...]) -> Tensor:
        features, labels = batch
        images, targets = mix(prepare(features), nn.functional.one_hot(labels, 2).float())
        return nn.functional.cross_entropy(network(images).float(), targets)

    return loss


def seeded(seed: int, build: Callable[[], nn.Module]) -> nn.Module:
    """A network whose random weights follow from the seed."""
    torch.manual_seed(seed)
    return build()
