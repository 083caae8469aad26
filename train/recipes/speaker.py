"""Recipe `speaker`: system B's digits, by its own leaking protocol and by speaker, with `published` features."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from gender_audio import weights
from gender_audio.features.mfcc import Mfcc
from gender_audio.models.resnet import ResNet34
from gender_audio.speaker import FOLDERS, Speaker, image
from gender_audio.systems import SPEAKER
from train import listening
from train.augment import Cepstral, mixup
from train.calibrate import calibrate
from train.data.audiomnist import LICENCE, Digits
from train.data.balanced import Balanced, Mixed
from train.data.library import digest
from train.data.splits import by_file, by_speaker
from train.finder import Curve, find
from train.fit import Schedule, fit
from train.metrics import balanced, two_way
from train.metrics import by_speaker as recalls
from train.recipes import sound
from train.records import key
from train.transfer import STARTS, State, frozen, heard, start

FEATURE = Mfcc("published")
FOLDS = 5
INNER_FOLDS = 3
TEST_SHARE = 0.2
HEAD = Schedule(samples=6_400, batch=64, rate=2e-3, rounds=1, workers=0)
WHOLE = Schedule(samples=25_600, batch=64, rate=2e-3, rounds=1, decay=5e-2, workers=0)


@dataclass(frozen=True)
class Choice:
    """What the inner validation speakers choose between.

    Attributes:
        trunk: where the network starts from, see `train.transfer`; `speech` is a network that heard the shared speech.
        width: channels of its first stage.
        speech: share of shared speech among the samples.
        mixup: its alpha.
        augment: what may happen to the images.
    """

    trunk: str = "singer"
    width: int = 16
    speech: float = 0.0
    mixup: float = 0.4
    augment: Cepstral = Cepstral(gain=0.05, offset=0.03, coefficients=1)


CHOICES = (Choice(), Choice("speech", speech=0.5))
LEAKING = Choice(mixup=0.0, augment=Cepstral(gain=0.05, offset=0.0, coefficients=1, frames=5))
"""For the protocol of system B, where remembering speakers is worth more than anything else."""


@dataclass(frozen=True)
class Recipe:
    """Where things are and how much is trained; `seeds` networks answer together."""

    data: Path
    cache: Path
    seed: int = 0
    seeds: int = 2
    folds: int = FOLDS
    choices: tuple[Choice, ...] = CHOICES
    remembering: Choice = LEAKING
    head: Schedule = HEAD
    whole: Schedule = WHOLE

    @property
    def speech(self) -> sound.Recipe:
        """The shared speech that networks may hear first, or at the same time."""
        return sound.Recipe(self.data, self.cache, self.seed)

    def run(self, *parts: object) -> Path:
        """Where the checkpoints of one network lie."""
        speech = (digest(self.data), self.speech.published)
        return self.cache / "speaker" / key(self.head, self.whole, FEATURE, *speech, *parts)


def loss(choice: Choice) -> Callable[[nn.Module, tuple[Tensor, ...]], Tensor]:
    """Cross-entropy of a batch, augmented as chosen."""

    def of_batch(network: nn.Module, batch: tuple[Tensor, ...]) -> Tensor:
        features, labels = batch
        images = choice.augment(image(features, FEATURE.variant))
        targets = nn.functional.one_hot(labels, 2).float()
        images, targets = mixup(images, targets, choice.mixup)
        return nn.functional.cross_entropy(network(images).float(), targets)

    return of_batch


def trunk(recipe: Recipe, choice: Choice) -> State:
    """What the network starts from."""
    if choice.trunk == "speech":
        return sound.pretrained(recipe.speech, choice.width).state_dict()
    return STARTS[choice.trunk](choice.width)


def drawn(recipe: Recipe, digits: Digits, choice: Choice, seed: int) -> Mixed:
    """The digits, classes and their speakers drawn evenly, and shared speech among them."""
    keys = (digits.labels, digits.speakers)
    own = Balanced(keys, digits.labels, lambda row, rng: digits.images[row].astype(np.float32), seed)
    return Mixed(own, sound.drawn_published(recipe.speech, seed) if choice.speech else own, choice.speech, seed)


def train(recipe: Recipe, digits: Digits, choice: Choice, seed: int) -> ResNet34:
    """One network: first the head alone, then the whole, and the last state counts; finished runs are only loaded."""
    state = trunk(recipe, choice)
    torch.manual_seed(seed)
    network = start(state, choice.width)
    samples = drawn(recipe, digits, choice, seed)
    run = recipe.run(choice, seed, digits.labels.tobytes(), digits.speakers.tobytes())
    with frozen(network):
        fit(network, samples, loss(choice), listening.last, recipe.head, run / "head", seed)
    fit(network, samples, loss(choice), listening.last, recipe.whole, run / "whole", seed + 1)
    return network


@torch.inference_mode()
def answers(networks: Sequence[nn.Module], digits: Digits) -> np.ndarray:
    """Mean probabilities of the networks, file by file, [n, 2]."""
    images = image(torch.from_numpy(digits.images), FEATURE.variant)
    heard = [
        torch.cat([network(part.float()).softmax(1) for part in images.split(500)]).double().numpy()
        for network in networks
    ]
    return np.mean(heard, 0)


def rate(recipe: Recipe, digits: Digits) -> Curve:
    """The learning-rate finder's curve for the whole network."""
    choice = recipe.choices[0]
    network = start(trunk(recipe, choice), choice.width)
    return find(network, drawn(recipe, digits, choice, recipe.seed), loss(choice), recipe.whole, recipe.seed)


def leaking(recipe: Recipe, digits: Digits) -> dict[str, Any]:
    """System B's protocol: 80% of the files against the other 20%, all speakers on both sides."""
    rows, held = by_file(digits.labels, TEST_SHARE, recipe.seed)
    longer = replace(recipe, whole=replace(recipe.whole, samples=3 * recipe.whole.samples))
    seeds = range(recipe.seed, recipe.seed + recipe.seeds)
    networks = [train(longer, digits.take(rows), recipe.remembering, seed) for seed in seeds]
    test = digits.take(held)
    found = answers(networks, test)
    alone = [float((answers([network], test).argmax(1) != test.labels).mean()) for network in networks]
    return {
        **two_way(found, test.labels, test.speakers),
        "members": alone,
        "by_speaker": recalls(found, test.labels, test.speakers),
    }


def disjoint(recipe: Recipe, digits: Digits) -> tuple[dict[str, Any], Choice, tuple[np.ndarray, np.ndarray]]:
    """Five folds by speaker; each fold chooses its configuration on speakers of its own training side.

    Returns:
        The record, the configuration most folds chose, and what calibration may use: the probabilities that networks
        gave the inner validation speakers, [n, 2], with their labels [n].
    """
    found = np.zeros((len(digits.labels), 2))
    alone, folds, inner, votes = [], [], [], Counter[int]()
    for number, (rows, held) in enumerate(by_speaker(digits.labels, digits.speakers, recipe.folds, recipe.seed)):
        best, scores, checked = choose(recipe, digits.take(rows), recipe.seed + number)
        choice = recipe.choices[best]
        inner.append(checked)
        networks = [train(recipe, digits.take(rows), choice, recipe.seed + extra) for extra in range(recipe.seeds)]
        found[held] = answers(networks, digits.take(held))
        alone.append([balanced(answers([one], digits.take(held)).argmax(1), digits.labels[held]) for one in networks])
        figures = two_way(found[held], digits.labels[held], digits.speakers[held])
        folds.append({**figures, "choice": best, "inner": scores})
        votes[best] += 1
    record = {
        **two_way(found, digits.labels, digits.speakers),
        "choices": [asdict(choice) for choice in recipe.choices],
        "members": np.array(alone).mean(0).tolist(),
        "folds": folds,
        "by_speaker": recalls(found, digits.labels, digits.speakers),
    }
    probabilities, labels = (np.concatenate(part) for part in zip(*inner, strict=True))
    return record, recipe.choices[votes.most_common(1)[0][0]], (probabilities, labels)


def choose(recipe: Recipe, digits: Digits, seed: int) -> tuple[int, list[float], tuple[np.ndarray, np.ndarray]]:
    """The configuration of the least balanced loss on a third of these speakers, which its network never heard.

    Returns:
        The number of the configuration, each one's balanced accuracy, the chosen one's probabilities and the labels.
    """
    rows, held = next(by_speaker(digits.labels, digits.speakers, INNER_FOLDS, seed))
    inner = digits.take(held)
    found = [answers([train(recipe, digits.take(rows), choice, seed)], inner) for choice in recipe.choices]
    best = int(np.argmin([balanced_loss(probabilities, inner.labels) for probabilities in found]))
    scores = [balanced(probabilities.argmax(1), inner.labels) for probabilities in found]
    return best, scores, (found[best], inner.labels)


def balanced_loss(probabilities: np.ndarray, labels: np.ndarray) -> float:
    """Cross-entropy, each class counting half."""
    nats = -np.log(np.maximum(probabilities[np.arange(len(labels)), labels], 1e-6))
    return float(np.mean([nats[labels == label].mean() for label in np.unique(labels)]))


def measure(recipe: Recipe) -> tuple[dict[str, Any], Speaker, Choice]:
    """Both protocols and the finder's curve, the network to ship, and its configuration."""
    digits = Digits.read(recipe.data)
    curve = rate(recipe, digits)
    fastest = min(curve.suggestion, recipe.whole.rate)
    recipe = replace(recipe, whole=replace(recipe.whole, rate=fastest))
    files = leaking(recipe, digits)
    voices, choice, inner = disjoint(recipe, digits)
    finder = {"rates": curve.rates, "losses": curve.losses, "suggestion": curve.suggestion}
    record = {"finder": finder, "rate": fastest, "leaking": files, "disjoint": voices}
    return record, shipped(recipe, digits, choice, inner), choice


def shipped(recipe: Recipe, digits: Digits, choice: Choice, inner: tuple[np.ndarray, np.ndarray]) -> Speaker:
    """One network that learnt from all speakers, calibrated on what others said of inner validation speakers."""
    network = train(recipe, digits, choice, recipe.seed)
    return Speaker({"member-1": network}, FEATURE, calibrate(*inner))


def ship(speaker: Speaker, recipe: Recipe, choice: Choice, metrics: dict[str, float], command: str) -> None:
    """Write `weights/speaker-published`."""
    speech = sound.terms(recipe.speech) if choice.trunk == "speech" or choice.speech else {}
    card = weights.Card(
        system=FOLDERS["published"],
        labels=SPEAKER.labels,
        model={"channels": 1, "width": choice.width, "classes": len(SPEAKER.labels)},
        feature=asdict(FEATURE),
        fingerprint=FEATURE.fingerprint,
        inputs=("speech",),
        data={"audiomnist": LICENCE, **speech, **heard(choice.trunk)},
        metrics=metrics,
        command=command,
        calibration=asdict(speaker.calibration),
    )
    weights.save(speaker.members, card)
