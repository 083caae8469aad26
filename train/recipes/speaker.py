"""Recipe `speaker`: system B's digits, by its own leaking protocol and by speaker, with `published` features."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from sklearn.metrics import roc_curve
from torch import Tensor, nn

from gender_audio import weights
from gender_audio.features.mfcc import Mfcc
from gender_audio.models.cnn import CepstralCNN
from gender_audio.models.resnet import ResNet34
from gender_audio.speaker import FOLDERS, Speaker, image
from gender_audio.systems import SPEAKER
from train import listening
from train.augment import Cepstral, mixup
from train.calibrate import calibrate
from train.data.audiomnist import LICENCE, Digits
from train.data.balanced import Balanced
from train.data.splits import by_file, by_speaker
from train.finder import Curve, find
from train.fit import Schedule, fit
from train.metrics import balanced, two_way
from train.metrics import by_speaker as recalls
from train.recipes import sound
from train.records import key
from train.transfer import STARTS, frozen, start

FEATURE = Mfcc("published")
FOLDS = 5
TEST_SHARE = 0.2
WIDTH = 16
HEAD = Schedule(samples=6_400, batch=64, rate=2e-3, rounds=1, workers=0)
WHOLE = Schedule(samples=25_600, batch=64, rate=2e-3, rounds=1, decay=5e-2, workers=0)


@dataclass(frozen=True)
class Learner:
    """How networks of one kind learn.

    Attributes:
        network: `resnet` is system B's kind: a trunk that has heard something else, its head first and then the
            whole. `cepstral` starts from nothing.
        whole: the schedule of the whole network.
        seeds: how many networks answer together.
        trunk: where a `resnet` starts from, see `train.transfer`.
        mixup: its alpha.
        who: weight of a second task, to tell the speakers apart; its outputs are cut off afterwards.
        augment: what may happen to the images.
    """

    network: Literal["resnet", "cepstral"]
    whole: Schedule = WHOLE
    seeds: int = 1
    trunk: str = "singer"
    mixup: float = 0.0
    who: float = 0.0
    augment: Cepstral = Cepstral(gain=0.05, offset=0.03, coefficients=1)


REMEMBER = Cepstral(gain=0.05, offset=0.0, coefficients=1, frames=5)
"""Where remembering the speakers is worth more than anything else, the images stay nearly as they are."""

LEAKING = {
    "resnet": Learner("resnet", replace(WHOLE, samples=76_800), augment=REMEMBER),
    "cepstral": Learner("cepstral", replace(WHOLE, samples=204_800), seeds=2, who=1.0, augment=REMEMBER),
}
DISJOINT = {
    "resnet": Learner("resnet", mixup=0.4),
    "cepstral": Learner("cepstral", seeds=3),
}
"""Chosen on speakers of the training sides of three folds, put aside there."""

OURS = "cepstral"
QUICK: dict[str, Any] = {
    "folds": 2,
    "inner": 2,
    "head": replace(HEAD, samples=32, batch=16),
    **{
        protocol: {name: replace(one, whole=replace(one.whole, samples=32, batch=16), seeds=1) for name, one in kinds}
        for protocol, kinds in (("leaking", LEAKING.items()), ("disjoint", DISJOINT.items()))
    },
}
"""Of a recipe that is only to run."""


@dataclass(frozen=True)
class Recipe:
    """Where things are and how networks learn by each protocol.

    Attributes:
        folds: by speaker.
        inner: folds of each training side, whose unknown speakers say at what odds our networks know both classes
            equally often: with few female speakers to learn from, even odds would favour the male ones.
    """

    data: Path
    cache: Path
    seed: int = 0
    folds: int = FOLDS
    inner: int = 3
    head: Schedule = HEAD
    leaking: Mapping[str, Learner] = field(default_factory=lambda: LEAKING)
    disjoint: Mapping[str, Learner] = field(default_factory=lambda: DISJOINT)

    @property
    def speech(self) -> sound.Recipe:
        """The shared speech that the networks for raw recordings learn from."""
        return sound.Recipe(self.data, self.cache, self.seed)

    def run(self, *parts: object) -> Path:
        """Where the checkpoints of one network lie."""
        return self.cache / "speaker" / key(self.head, FEATURE, *parts)


def loss(learner: Learner, genders: Tensor) -> Callable[[nn.Module, tuple[Tensor, ...]], Tensor]:
    """Cross-entropy of a batch whose labels are speakers, augmented as the learner says.

    Args:
        genders: of the speakers, [k].
    """

    def of_batch(network: nn.Module, batch: tuple[Tensor, ...]) -> Tensor:
        features, speakers = batch
        images = learner.augment(image(features, FEATURE.variant))
        said = nn.functional.one_hot(genders[speakers], 2), nn.functional.one_hot(speakers, len(genders))
        images, targets = mixup(images, torch.cat(said, 1).float(), learner.mixup)
        logits = network(images).float()
        entropy = nn.functional.cross_entropy(logits[:, :2], targets[:, :2])
        if not learner.who:
            return entropy
        return entropy + learner.who * nn.functional.cross_entropy(logits[:, 2:], targets[:, 2:])

    return of_batch


def drawn(digits: Digits, seed: int) -> tuple[Balanced, Tensor]:
    """The digits with numbers of speakers, classes and their speakers drawn evenly; and the class of each number."""
    _, first, numbers = np.unique(digits.speakers, return_index=True, return_inverse=True)
    samples = Balanced(
        (digits.labels, digits.speakers), numbers, lambda row, rng: digits.images[row].astype(np.float32), seed
    )
    return samples, torch.from_numpy(digits.labels[first])


def build(learner: Learner, speakers: int) -> nn.Module:
    """A network before it learns; with outputs for the speakers where it is to tell them apart."""
    if learner.network == "resnet":
        return start(STARTS[learner.trunk](WIDTH), WIDTH)
    return CepstralCNN(WIDTH, 2 + (speakers if learner.who else 0))


def train(recipe: Recipe, digits: Digits, learner: Learner, seed: int) -> nn.Module:
    """One network, of which the last state counts; a finished run is only loaded."""
    torch.manual_seed(seed)
    samples, genders = drawn(digits, seed)
    network = build(learner, len(genders))
    run = recipe.run(learner, seed, digits.labels.tobytes(), digits.speakers.tobytes())
    if isinstance(network, ResNet34):
        with frozen(network):
            fit(network, samples, loss(learner, genders), listening.last, recipe.head, run / "head", seed)
    fit(network, samples, loss(learner, genders), listening.last, learner.whole, run / "whole", seed + 1)
    return network


@torch.inference_mode()
def answers(networks: Sequence[nn.Module], digits: Digits) -> np.ndarray:
    """Mean probabilities of the networks, file by file, [n, 2]."""
    images = image(torch.from_numpy(digits.images), FEATURE.variant)
    heard = [
        torch.cat([network(part.float())[:, :2].softmax(1) for part in images.split(500)]).double().numpy()
        for network in networks
    ]
    return np.mean(heard, 0)


def rate(recipe: Recipe, digits: Digits) -> Curve:
    """The learning-rate finder's curve for our network."""
    learner = recipe.disjoint[OURS]
    samples, genders = drawn(digits, recipe.seed)
    network = build(learner, len(genders))
    return find(network, samples, loss(learner, genders), learner.whole, recipe.seed)


def leaking(recipe: Recipe, digits: Digits) -> dict[str, Any]:
    """System B's protocol: 80% of the files against the other 20%, all speakers on both sides; for each kind."""
    rows, held = by_file(digits.labels, TEST_SHARE, recipe.seed)
    test, record = digits.take(held), {}
    for name, learner in recipe.leaking.items():
        networks = trained(recipe, digits.take(rows), learner)
        found = answers(networks, test)
        record[name] = {
            **two_way(found, test.labels, test.speakers),
            "members": [float((answers([one], test).argmax(1) != test.labels).mean()) for one in networks],
            "by_speaker": recalls(found, test.labels, test.speakers),
            "learner": asdict(learner),
        }
    return record


def disjoint(recipe: Recipe, digits: Digits) -> tuple[dict[str, Any], np.ndarray]:
    """Five folds by speaker, for each kind; and the probabilities of our kind for every file, [n, 2]."""
    record, every = {}, {}
    for name, learner in recipe.disjoint.items():
        every[name] = found = np.zeros((len(digits.labels), 2))
        alone, parts = [], []
        for rows, held in by_speaker(digits.labels, digits.speakers, recipe.folds, recipe.seed):
            networks, test = trained(recipe, digits.take(rows), learner), digits.take(held)
            odds = even(unheard(recipe, digits.take(rows), learner), digits.labels[rows]) if name == OURS else 0.0
            found[held] = shifted(answers(networks, test), odds)
            alone.append([balanced(answers([one], test).argmax(1), test.labels) for one in networks])
            parts.append({**two_way(found[held], test.labels, test.speakers), "log_odds": odds})
        record[name] = {
            **two_way(found, digits.labels, digits.speakers),
            "members": np.array(alone).mean(0).tolist(),
            "folds": parts,
            "by_speaker": recalls(found, digits.labels, digits.speakers),
            "learner": asdict(learner),
        }
    return record, every[OURS]


def unheard(recipe: Recipe, digits: Digits, learner: Learner) -> np.ndarray:
    """What a network of the inner folds says of every file of speakers that it never heard, [n, 2]."""
    found = np.zeros((len(digits.labels), 2))
    for rows, held in by_speaker(digits.labels, digits.speakers, recipe.inner, recipe.seed):
        found[held] = answers([train(recipe, digits.take(rows), learner, recipe.seed)], digits.take(held))
    return found


def log_odds(probabilities: np.ndarray) -> np.ndarray:
    """Of the second class, [n], from probabilities [n, 2]."""
    clear = probabilities.clip(1e-6)
    return np.log(clear[:, 1] / clear[:, 0])


def even(probabilities: np.ndarray, labels: np.ndarray) -> float:
    """The log-odds above which the second class is recognised as often as the first one is below."""
    missed, found, levels = roc_curve(labels, log_odds(probabilities), drop_intermediate=False)
    return float(levels[np.abs(1 - missed - found).argmin()])


def shifted(probabilities: np.ndarray, odds: float) -> np.ndarray:
    """Probabilities [n, 2] whose second class is as likely as the first one at these log-odds before."""
    second = 1 / (1 + np.exp(odds - log_odds(probabilities)))
    return np.stack([1 - second, second], 1)


def trained(recipe: Recipe, digits: Digits, learner: Learner) -> list[nn.Module]:
    """The networks of one learner."""
    return [train(recipe, digits, learner, recipe.seed + extra) for extra in range(learner.seeds)]


def measure(recipe: Recipe) -> tuple[dict[str, Any], Speaker]:
    """Both protocols and the finder's curve, and the system to ship.

    It has one network that learnt from all speakers, calibrated on what the folds' networks said of their unknown ones,
    and its odds moved as far as theirs on average.
    """
    digits = Digits.read(recipe.data)
    curve = rate(recipe, digits)
    finder = {"rates": curve.rates, "losses": curve.losses, "suggestion": curve.suggestion}
    files = leaking(recipe, digits)
    voices, found = disjoint(recipe, digits)
    network = CepstralCNN(WIDTH)
    network.load_state_dict(train(recipe, digits, recipe.disjoint[OURS], recipe.seed).state_dict())
    move = float(np.mean([fold["log_odds"] for fold in voices[OURS]["folds"]])) / 2
    with torch.no_grad():
        network.head.bias.add_(torch.tensor([move, -move]))
    speaker = Speaker({"member-1": network}, FEATURE, calibrate(found, digits.labels))
    return {"finder": finder, "leaking": files, "disjoint": voices}, speaker


def ship(speaker: Speaker, metrics: dict[str, float], command: str) -> None:
    """Write `weights/speaker-published`."""
    card = weights.Card(
        system=FOLDERS[FEATURE.variant],
        labels=SPEAKER.labels,
        model={"width": WIDTH, "classes": len(SPEAKER.labels)},
        feature=asdict(FEATURE),
        fingerprint=FEATURE.fingerprint,
        inputs=("speech",),
        data={"audiomnist": LICENCE},
        metrics=metrics,
        command=command,
        calibration=asdict(speaker.calibration),
    )
    weights.save(speaker.members, card)
