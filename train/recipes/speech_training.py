"""Training on the shared speech, and what a listener says of every recording of a split, as it is served."""

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
from train.engine.bootstrap import balanced
from train.engine.calibrate import calibrate
from train.engine.metrics import CLASSES, two_way

COVERAGE = 0.9
"""Share of the validation recordings that a calibrated listener is sure of."""
Ear = TypeVar("Ear", bound=SpeechClassifier)


@dataclass(frozen=True, eq=False)
class Answers:
    """What was said of n recordings.

    Attributes:
        members: probabilities of every member, [m, n, 2].
        probabilities: of the listener as it is served, calibrated, [n, 2].
        labels, speakers, datasets, paths: of the recordings, [n].
    """

    members: np.ndarray
    probabilities: np.ndarray
    labels: np.ndarray
    speakers: np.ndarray
    datasets: np.ndarray
    paths: np.ndarray


def ask(listener: SpeechClassifier, spoken: SpeechSnippets) -> Answers:
    """The answers of a listener; a recording's is the mean of its snippets'."""
    return answers_of(listener.members, listener.features, listener.calibration, spoken)


def answers_of(
    networks: Mapping[str, nn.Module], features: SpeechFeatures, calibration: Calibration, spoken: SpeechSnippets
) -> Answers:
    """The answers of networks in evaluation mode, calibrated together."""
    members = snippets(networks, features, spoken)
    together = calibration(members.mean(0))
    paths, first, recording = np.unique(spoken.paths, return_index=True, return_inverse=True)
    share = (recording == np.arange(len(paths))[:, None]) / np.bincount(recording)[:, None]
    means = share @ np.concatenate([members, together[None]])
    return Answers(means[:-1], means[-1], spoken.labels[first], spoken.speakers[first], spoken.datasets[first], paths)


def snippets(networks: Mapping[str, nn.Module], features: SpeechFeatures, spoken: SpeechSnippets) -> np.ndarray:
    """Probabilities of every member for every snippet, [m, n, 2]; snippets of one length are heard together."""
    order = np.argsort(spoken.lengths, kind="stable")
    found = np.zeros((len(networks), len(spoken), 2))
    for rows in np.split(order, np.flatnonzero(np.diff(spoken.lengths[order])) + 1):
        images = features.images([spoken.features(row) for row in rows])
        found[:, rows] = member_logits(networks.values(), images).softmax(-1).numpy()
    return found


def calibrated(listener: Ear, spoken: SpeechSnippets) -> Ear:
    """The same members with a temperature from these snippets and a threshold from these recordings."""
    temperature = calibrate(snippets(listener.members, listener.features, spoken).mean(0), spoken.labels).temperature
    warm = type(listener)(listener.members, listener.features, Calibration(temperature))
    surest = ask(warm, spoken).probabilities.max(1)
    calibration = Calibration(temperature, float(np.quantile(surest, 1 - COVERAGE)))
    return type(listener)(listener.members, listener.features, calibration)


def figures(probabilities: np.ndarray, answers: Answers) -> dict[str, object]:
    """Figures over all recordings, and the balanced accuracy of each corpus with its interval."""
    corpora = {}
    for name in np.unique(answers.datasets):
        rows = answers.datasets == name
        found = two_way(probabilities[rows], answers.labels[rows], answers.speakers[rows])
        corpora[str(name)] = {
            part: found[part] for part in ("rows", "speakers", "balanced_accuracy", "interval", "recall")
        }
    whole = two_way(probabilities, answers.labels, answers.speakers)
    return {**whole, "macro_mean": evenly(probabilities, answers), "corpora": corpora}


def worst(answers: Answers, count: int = 12) -> list[dict[str, object]]:
    """The recordings that were missed most surely: path, speaker, label and the probability it was given."""
    given = answers.probabilities[np.arange(len(answers.labels)), answers.labels]
    rows = [row for row in np.argsort(given)[:count] if given[row] < 0.5]
    return [
        {
            "path": str(answers.paths[row]),
            "speaker": str(answers.speakers[row]),
            "label": CLASSES[answers.labels[row]],
            "probability": float(given[row]),
        }
        for row in rows
    ]


def evenly(probabilities: np.ndarray, answers: Answers) -> float:
    """The mean over the corpora of their balanced accuracies: what models are chosen by."""
    said = probabilities.argmax(1)
    parts = [answers.datasets == name for name in np.unique(answers.datasets)]
    return float(np.mean([balanced(said[rows], answers.labels[rows]) for rows in parts]))


def evenly_lost(probabilities: np.ndarray, answers: Answers) -> float:
    """Cross-entropy in which every class of every corpus counts alike."""
    nats = -np.log(np.maximum(probabilities[np.arange(len(answers.labels)), answers.labels], 1e-6))
    cells = [
        nats[(answers.datasets == name) & (answers.labels == label)]
        for name in np.unique(answers.datasets)
        for label in (0, 1)
    ]
    return float(np.mean([cell.mean() for cell in cells if len(cell)]))


def judge(features: SpeechFeatures, spoken: SpeechSnippets) -> Callable[[nn.Module], dict[str, float]]:
    """A score for `train.engine.fit`: how well a network alone answers on recordings that it does not learn from."""

    def score(network: nn.Module) -> dict[str, float]:
        answers = answers_of({"alone": network.eval()}, features, Calibration(), spoken)
        probabilities = answers.probabilities
        return {"score": -evenly_lost(probabilities, answers), "accuracy": evenly(probabilities, answers)}

    return score


def drawn(
    spoken: SpeechSnippets, see: Callable[[np.ndarray, np.random.Generator], np.ndarray], seed: int
) -> BalancedSampler:
    """Snippets, drawn evenly by corpus, label and speaker, as `see` cuts their features."""
    keys = (spoken.datasets, spoken.labels, spoken.speakers)
    return BalancedSampler(keys, spoken.labels, lambda row, rng: see(spoken.features(row), rng), seed)


def crop(features: np.ndarray, rng: np.random.Generator, frames: int) -> np.ndarray:
    """A random stretch of a log mel image [bands, n] in -2..2, [bands, frames], relative to its own loudest value.

    A shorter image is repeated until it is long enough.
    """
    repeats = -(-frames // features.shape[1])
    start = rng.integers(repeats * features.shape[1] - frames + 1)
    stretch = np.tile(features, (1, repeats))[:, start : start + frames]
    return np.maximum(stretch - stretch.max() + 2, -2).astype(np.float32)


def cross_entropy(
    prepare: Callable[[Tensor], Tensor], mix: Callable[[Tensor, Tensor], tuple[Tensor, Tensor]]
) -> Callable[[nn.Module, tuple[Tensor, ...]], Tensor]:
    """The loss of a batch of features whose images are prepared and mixed first."""

    def of_batch(network: nn.Module, batch: tuple[Tensor, ...]) -> Tensor:
        features, labels = batch
        images, targets = mix(prepare(features), nn.functional.one_hot(labels, 2).float())
        return nn.functional.cross_entropy(network(images).float(), targets)

    return of_batch


def last(network: nn.Module) -> dict[str, float]:  # noqa: ARG001
    """A score that chooses nothing, for a single round: it counts."""
    return {"score": 0.0}


def seeded(seed: int, make: Callable[[], nn.Module]) -> nn.Module:
    """A network whose random start follows from the seed."""
    torch.manual_seed(seed)
    return make()
