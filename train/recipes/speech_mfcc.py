"""Recipe `speaker`: system B's digits, by its own leaking protocol and by speaker, with `published` features."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from gender_audio import weights
from gender_audio.features.mfcc import Mfcc
from gender_audio.models.resnet import ResNet34
from gender_audio.systems.labels import SPEECH_MFCC
from gender_audio.systems.speech_features import mfcc_features
from gender_audio.systems.speech_mfcc import FOLDERS, NETWORKS, MfccSpeechClassifier
from train.data.corpus import corpus_digest
from train.data.readers import manifest
from train.data.readers.audiomnist import LICENCE, Digits
from train.data.sampler import BalancedSampler
from train.data.splits import require_groups, split_by_file, split_by_speaker
from train.data.synthesis import audiomnist_style
from train.data.synthesis.audiomnist_style import DigitStyle
from train.engine.augment import mixup
from train.engine.bootstrap import balanced
from train.engine.calibrate import calibrate
from train.engine.fit import Schedule, fit
from train.engine.lr_finder import Curve, find
from train.engine.metrics import by_speaker as recalls
from train.engine.metrics import two_way
from train.recipes import speech_mfcc_raw, speech_training
from train.recipes.speech_mfcc_learners import DISJOINT, LEAKING, OURS, Kinds, Learner, quick
from train.recipes.transfer import STARTS, frozen, origin, start
from train.run_records import key

FEATURE = Mfcc("published")
FEATURES = mfcc_features(FEATURE)
GUISE = DigitStyle()
FOLDS = 5
TEST_SHARE = 0.2
WIDTH = 16
HEAD = Schedule(samples=6_400, batch=64, rate=2e-3, rounds=1, workers=0)
FIRST = Schedule(samples=51_200, batch=64, rate=2e-3, rounds=1, decay=5e-2, workers=0)


QUICK: dict[str, Any] = {
    "folds": 2,
    "head": replace(HEAD, samples=32, batch=16),
    "first": replace(FIRST, samples=32, batch=16),
    "leaking": quick(LEAKING),
    "disjoint": quick(DISJOINT),
}
"""Of a recipe that is only to run."""


@dataclass(frozen=True)
class Recipe:
    """Where things are and how networks learn by each protocol, in `folds` by speaker where they are unseen."""

    data: Path
    cache: Path
    seed: int = 0
    folds: int = FOLDS
    head: Schedule = HEAD
    first: Schedule = FIRST
    leaking: Kinds = field(default_factory=lambda: LEAKING)
    disjoint: Kinds = field(default_factory=lambda: DISJOINT)

    @property
    def speech(self) -> speech_mfcc_raw.Recipe:
        """The shared speech that the networks for raw recordings learn from."""
        return speech_mfcc_raw.Recipe(self.data, self.cache, self.seed)

    def check(self) -> None:
        """Refuse, before anything is learnt, data that something could not learn from, and trunks that do not fit.

        Raises:
            SplitError: the digits are of too few speakers.
            OSError: there are no digits.
            LayoutError, WeightsError: as `manifest.read_rows` and `train.recipes.transfer`.
        """
        digits = Digits.read(self.data)
        manifest.read_rows(self.data)  # it is learnt from last
        require_groups(np.array(SPEECH_MFCC.labels)[digits.labels], digits.speakers, self.folds)
        for learner in chain(*self.leaking.values(), *self.disjoint.values()):
            if learner.network == "resnet":
                STARTS[learner.trunk](WIDTH)

    def run(self, digits: Digits, learner: Learner, seed: int) -> Path:
        """Where the checkpoints of one network lie."""
        heard = (GUISE, corpus_digest(self.data), self.first) if learner.speech else ()
        begun = (origin(learner.trunk),) if learner.network == "resnet" else ()
        parts = (replace(learner, seeds=1), seed, digits.labels.tobytes(), digits.speakers.tobytes(), *begun, *heard)
        return self.cache / "speech-mfcc" / key(self.head, FEATURE, *parts)


def loss(learner: Learner, genders: Tensor) -> Callable[[nn.Module, tuple[Tensor, ...]], Tensor]:
    """Cross-entropy of a batch whose labels are speakers, augmented as the learner says.

    Args:
        genders: of the speakers, [k].
    """

    def of_batch(network: nn.Module, batch: tuple[Tensor, ...]) -> Tensor:
        features, speakers = batch
        images = learner.augment(FEATURES.images(features))
        classes = genders.to(speakers.device)[speakers]
        said = nn.functional.one_hot(classes, 2), nn.functional.one_hot(speakers, len(genders))
        images, targets = mixup(images, torch.cat(said, 1).float(), learner.mixup)
        logits = network(images).float()
        entropy = nn.functional.cross_entropy(logits[:, :2], targets[:, :2])
        if not learner.who:
            return entropy
        return entropy + learner.who * nn.functional.cross_entropy(logits[:, 2:], targets[:, 2:])

    return of_batch


def drawn(recipe: Recipe, digits: Digits, learner: Learner, seed: int) -> tuple[BalancedSampler, Tensor]:
    """Images with numbers of speakers, classes and their speakers drawn evenly; and the class of each number."""
    labels, speakers, known = digits.labels, digits.speakers, len(digits.labels)
    keys: tuple[np.ndarray, ...] = (labels, speakers)
    if learner.speech:
        speech = audiomnist_style.load_speech(recipe.data, recipe.cache)
        labels, speakers = np.append(labels, speech.labels), np.append(speakers, speech.speakers)
        keys = (np.arange(len(labels)) < known, labels, speakers)

    def see(row: int, rng: np.random.Generator) -> np.ndarray:
        return digits.images[row].astype(np.float32) if row < known else GUISE(speech.features(row - known), rng)

    _, first, numbers = np.unique(speakers, return_index=True, return_inverse=True)
    return BalancedSampler(keys, numbers, see, seed), torch.from_numpy(labels[first])


def build(learner: Learner, speakers: int) -> nn.Module:
    """A network before it learns; with outputs for the speakers where it is to tell them apart."""
    if learner.network == "resnet":
        return start(STARTS[learner.trunk](WIDTH), WIDTH)
    return NETWORKS[learner.network](WIDTH, 2 + (speakers if learner.who else 0))


def train(recipe: Recipe, digits: Digits, learner: Learner, seed: int) -> nn.Module:
    """One network, of which the last state counts; a finished run is only loaded."""
    torch.manual_seed(seed)
    samples, genders = drawn(recipe, digits, learner, seed)
    network = build(learner, len(genders))
    run = recipe.run(digits, learner, seed)
    if isinstance(network, ResNet34):
        with frozen(network):
            fit(network, samples, loss(learner, genders), speech_training.last, recipe.head, run / "head", seed)
    if learner.speech:
        network.load_state_dict(acquainted(recipe, digits, learner, seed).state_dict())
    fit(network, samples, loss(learner, genders), speech_training.last, learner.whole, run / "whole", seed + 1)
    return network


def acquainted(recipe: Recipe, digits: Digits, learner: Learner, seed: int) -> nn.Module:
    """A network that has heard the shared speech and no digit: where the folds' networks of this seed start from."""
    torch.manual_seed(seed)
    none = digits.take(np.array([], int))
    samples, genders = drawn(recipe, none, learner, seed)
    network = build(learner, len(genders))
    run = recipe.run(none, learner, seed)
    fit(network, samples, loss(learner, genders), speech_training.last, recipe.first, run / "first", seed)
    return network


@torch.inference_mode()
def answers(networks: Sequence[nn.Module], digits: Digits) -> np.ndarray:
    """Mean probabilities of the networks, file by file, [n, 2]."""
    images = FEATURES.images(torch.from_numpy(digits.images))
    heard = [
        torch.cat([network(part.float())[:, :2].softmax(1) for part in images.split(500)]).double().numpy()
        for network in networks
    ]
    return np.mean(heard, 0)


def rate(recipe: Recipe, digits: Digits) -> Curve:
    """The learning-rate finder's curve for the first of our kinds."""
    learner = recipe.disjoint[OURS][0]
    samples, genders = drawn(recipe, digits, learner, recipe.seed)
    network = build(learner, len(genders))
    return find(network, samples, loss(learner, genders), learner.whole, recipe.seed)


def leaking(recipe: Recipe, digits: Digits) -> dict[str, Any]:
    """System B's protocol: 80% of the files against the other 20%, all speakers on both sides; for each kind."""
    rows, held = split_by_file(digits.labels, TEST_SHARE, recipe.seed)
    test, record = digits.take(held), {}
    for name, learners in recipe.leaking.items():
        networks = list(trained(recipe, digits.take(rows), learners).values())
        found = answers(networks, test)
        record[name] = {
            **two_way(found, test.labels, test.speakers),
            "members": [float((answers([one], test).argmax(1) != test.labels).mean()) for one in networks],
            "by_speaker": recalls(found, test.labels, test.speakers),
            "learners": [asdict(learner) for learner in learners],
        }
    return record


def disjoint(recipe: Recipe, digits: Digits) -> tuple[dict[str, Any], np.ndarray]:
    """Five folds by speaker, for each kind; and the probabilities of our kind for every file, [n, 2]."""
    record, every = {}, {}
    for name, learners in recipe.disjoint.items():
        every[name] = found = np.zeros((len(digits.labels), 2))
        alone, parts = [], []
        for rows, held in split_by_speaker(digits.labels, digits.speakers, recipe.folds, recipe.seed):
            networks, test = trained(recipe, digits.take(rows), learners), digits.take(held)
            found[held] = answers(list(networks.values()), test)
            alone.append([balanced(answers([one], test).argmax(1), test.labels) for one in networks.values()])
            parts.append(two_way(found[held], test.labels, test.speakers))
        record[name] = {
            **two_way(found, digits.labels, digits.speakers),
            "members": dict(zip(networks, np.array(alone).mean(0).tolist(), strict=True)),
            "folds": parts,
            "by_speaker": recalls(found, digits.labels, digits.speakers),
            "learners": [asdict(learner) for learner in learners],
        }
    return record, every[OURS]


def trained(recipe: Recipe, digits: Digits, learners: Sequence[Learner]) -> dict[str, nn.Module]:
    """The networks that answer together: kind and number to network."""
    return {
        f"{learner.network}-{number + 1}": train(recipe, digits, learner, recipe.seed + number)
        for learner in learners
        for number in range(learner.seeds)
    }


def measure(recipe: Recipe) -> tuple[dict[str, Any], MfccSpeechClassifier]:
    """Both protocols and the finder's curve, and the system to ship.

    Its networks learnt from all speakers, calibrated on what the folds' networks said of their unknown ones.
    """
    digits = Digits.read(recipe.data)
    curve = rate(recipe, digits)
    finder = {"rates": curve.rates, "losses": curve.losses, "suggestion": curve.suggestion}
    files = leaking(recipe, digits)
    voices, found = disjoint(recipe, digits)
    members = trained(recipe, digits, recipe.disjoint[OURS])
    speaker = MfccSpeechClassifier(members, FEATURES, calibrate(found, digits.labels))
    return {"finder": finder, "leaking": files, "disjoint": voices}, speaker


def ship(speaker: MfccSpeechClassifier, recipe: Recipe, metrics: dict[str, float], command: str) -> None:
    """Write `weights/speaker-published`."""
    card = weights.Card(
        system=FOLDERS[FEATURE.variant],
        labels=SPEECH_MFCC.labels,
        model={"width": WIDTH, "classes": len(SPEECH_MFCC.labels)},
        feature=asdict(FEATURE),
        fingerprint=FEATURE.fingerprint,
        inputs=("speech",),
        data={"audiomnist": LICENCE, **speech_mfcc_raw.terms(recipe.speech)},
        metrics=metrics,
        command=command,
        calibration=asdict(speaker.calibration),
    )
    weights.save(speaker.members, card)
