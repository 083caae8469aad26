"""Recipe `speech-mfcc`, published features: networks for system B's digits, split by file and by speaker."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from itertools import chain
from pathlib import Path

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
from train.engine.calibrate import calibrate
from train.engine.fit import fit
from train.engine.lr_finder import Curve, range_test
from train.engine.quick import count
from train.engine.schedule import Schedule
from train.engine.types import Loss
from train.recipes import speech_mfcc_raw
from train.recipes.speech_mfcc_configs import BY_FILE, BY_SPEAKER, OURS, Ensembles, NetworkConfig
from train.recipes.speech_training import constant_score
from train.recipes.transfer import TRUNKS, frozen, network_from, trunk_name
from train.run_records import key

FEATURE = Mfcc("published")
FEATURES = mfcc_features(FEATURE)
AUDIOMNIST_STYLE = DigitStyle()
TEST_SHARE = 0.2
WIDTH = 16
HEAD = Schedule(samples=6_400, batch=64, rate=2e-3, rounds=1, workers=0)
PRETRAINING = Schedule(samples=51_200, batch=64, rate=2e-3, rounds=1, decay=5e-2, workers=0)


@dataclass(frozen=True)
class Recipe:
    """Everything that the networks depend on.

    Attributes:
        folds: by speaker.
        head: schedule of the head of a `resnet` over its frozen trunk.
        pretraining: schedule on the shared speech alone.
        by_file, by_speaker: the ensembles for each split.
    """

    data: Path
    cache: Path
    seed: int = 0
    folds: int = count(5, quick=2)
    head: Schedule = HEAD
    pretraining: Schedule = PRETRAINING
    by_file: Ensembles = field(default_factory=lambda: BY_FILE)
    by_speaker: Ensembles = field(default_factory=lambda: BY_SPEAKER)

    @property
    def raw(self) -> speech_mfcc_raw.Recipe:
        """The recipe of the networks for raw recordings, on the same data."""
        return speech_mfcc_raw.Recipe(self.data, self.cache, self.seed)

    def check(self) -> None:
        """Check, before anything is trained, that there is enough data and that the trunks fit.

        Raises:
            SplitError: the digits are of too few speakers.
            OSError: there are no digits.
            LayoutError, WeightsError: as `manifest.read_rows` and `train.recipes.transfer`.
        """
        digits = Digits.read(self.data)
        manifest.read_rows(self.data)
        require_groups(np.array(SPEECH_MFCC.labels)[digits.labels], digits.speakers, self.folds)
        for config in chain(*self.by_file.values(), *self.by_speaker.values()):
            if config.network == "resnet":
                TRUNKS[config.trunk](WIDTH)

    def run(self, digits: Digits, config: NetworkConfig, seed: int) -> Path:
        """Folder of the checkpoints of one network."""
        speech = (AUDIOMNIST_STYLE, corpus_digest(self.data), self.pretraining) if config.shared_speech else ()
        trunk = (trunk_name(config.trunk),) if config.network == "resnet" else ()
        parts = (replace(config, seeds=1), seed, digits.labels.tobytes(), digits.speakers.tobytes(), *trunk, *speech)
        return self.cache / "speech-mfcc" / key(self.head, FEATURE, *parts)

    def stage(self, command: str) -> weights.Stage:
        """The entry for this training in the card."""
        configs = self.by_speaker[OURS]
        return weights.Stage(
            kind="train",
            command=command,
            seed=self.seed,
            splits=("train",),
            settings={
                "members": sum(config.seeds for config in configs),
                "samples": configs[0].whole.samples,
                "digits": "all speakers of AudioMNIST",
                "corpora": corpus_digest(self.data),
            },
        )


@dataclass(frozen=True, eq=False)
class Fold:
    """An ensemble, and the digits that it was not trained on.

    Attributes:
        held_out: row numbers.
        networks: kind and number to network.
    """

    held_out: np.ndarray
    networks: dict[str, nn.Module]


def loss(config: NetworkConfig, genders: Tensor) -> Loss:
    """Cross-entropy of a batch whose labels are speakers, augmented as `config` says.

    Args:
        genders: label number of each speaker, [k].
    """

    def batch_loss(network: nn.Module, batch: tuple[Tensor, ...]) -> Tensor:
        features, speakers = batch
        images = config.augment(FEATURES.images(features))
        labels = genders.to(speakers.device)[speakers]
        one_hot = nn.functional.one_hot(labels, 2), nn.functional.one_hot(speakers, len(genders))
        images, targets = mixup(images, torch.cat(one_hot, 1).float(), config.mixup)
        logits = network(images).float()
        entropy = nn.functional.cross_entropy(logits[:, :2], targets[:, :2])
        if not config.speaker_loss_weight:
            return entropy
        return entropy + config.speaker_loss_weight * nn.functional.cross_entropy(logits[:, 2:], targets[:, 2:])

    return batch_loss


def training_samples(
    recipe: Recipe, digits: Digits, config: NetworkConfig, seed: int
) -> tuple[BalancedSampler, Tensor]:
    """Images with speaker numbers, balanced by label and speaker; and the label of each speaker number."""
    labels, speakers, n_digits = digits.labels, digits.speakers, len(digits.labels)
    keys: tuple[np.ndarray, ...] = (labels, speakers)
    if config.shared_speech:
        speech = audiomnist_style.load_speech(recipe.data, recipe.cache)
        labels, speakers = np.append(labels, speech.labels), np.append(speakers, speech.speakers)
        keys = (np.arange(len(labels)) < n_digits, labels, speakers)

    def load_image(row: int, rng: np.random.Generator) -> np.ndarray:
        if row < n_digits:
            return digits.images[row].astype(np.float32)
        return AUDIOMNIST_STYLE(speech.features(row - n_digits), rng)

    _, first, numbers = np.unique(speakers, return_index=True, return_inverse=True)
    return BalancedSampler(keys, numbers, load_image, seed), torch.from_numpy(labels[first])


def build(config: NetworkConfig, speakers: int) -> nn.Module:
    """An untrained network; with outputs for the speakers if it is to identify them."""
    if config.network == "resnet":
        return network_from(TRUNKS[config.trunk](WIDTH), WIDTH)
    return NETWORKS[config.network](WIDTH, 2 + (speakers if config.speaker_loss_weight else 0))


def train_network(recipe: Recipe, digits: Digits, config: NetworkConfig, seed: int) -> nn.Module:
    """Train one network on one round, or load its finished run."""
    torch.manual_seed(seed)
    samples, genders = training_samples(recipe, digits, config, seed)
    network, batch_loss = build(config, len(genders)), loss(config, genders)
    run = recipe.run(digits, config, seed)
    if isinstance(network, ResNet34):
        with frozen(network):
            fit(network, samples, batch_loss, constant_score, recipe.head, run / "head", seed)
    if config.shared_speech:
        network.load_state_dict(pretrained_on_speech(recipe, digits, config, seed).state_dict())
    fit(network, samples, batch_loss, constant_score, config.whole, run / "whole", seed + 1)
    return network


def pretrained_on_speech(recipe: Recipe, digits: Digits, config: NetworkConfig, seed: int) -> nn.Module:
    """A network trained on the shared speech alone; the networks of all folds with this seed start from it."""
    torch.manual_seed(seed)
    none = digits.take(np.array([], int))
    samples, genders = training_samples(recipe, none, config, seed)
    network = build(config, len(genders))
    run = recipe.run(none, config, seed) / "first"
    fit(network, samples, loss(config, genders), constant_score, recipe.pretraining, run, seed)
    return network


def train_ensemble(recipe: Recipe, digits: Digits, configs: Sequence[NetworkConfig]) -> dict[str, nn.Module]:
    """The networks of one ensemble: kind and number to network."""
    return {
        f"{config.network}-{number + 1}": train_network(recipe, digits, config, recipe.seed + number)
        for config in configs
        for number in range(config.seeds)
    }


def train_by_file(recipe: Recipe, digits: Digits) -> dict[str, Fold]:
    """System B's protocol: 80% of the files for training, with all speakers on both sides; for each ensemble."""
    rows, held_out = split_by_file(digits.labels, TEST_SHARE, recipe.seed)
    return {
        name: Fold(held_out, train_ensemble(recipe, digits.take(rows), configs))
        for name, configs in recipe.by_file.items()
    }


def train_by_speaker(recipe: Recipe, digits: Digits) -> dict[str, list[Fold]]:
    """Cross-validation over speakers, for each ensemble."""
    return {
        name: [
            Fold(held_out, train_ensemble(recipe, digits.take(rows), configs))
            for rows, held_out in split_by_speaker(digits.labels, digits.speakers, recipe.folds, recipe.seed)
        ]
        for name, configs in recipe.by_speaker.items()
    }


@torch.inference_mode()
def mean_probabilities(networks: Sequence[nn.Module], digits: Digits) -> np.ndarray:
    """Mean probabilities of the networks, [n, 2]."""
    images = FEATURES.images(torch.from_numpy(digits.images))
    members = [
        torch.cat([network(part.float())[:, :2].softmax(1) for part in images.split(500)]).double().numpy()
        for network in networks
    ]
    return np.mean(members, 0)


def out_of_fold(folds: Sequence[Fold], digits: Digits) -> np.ndarray:
    """Probabilities [n, 2] of all digits, each from the fold that held its speaker out."""
    probabilities = np.zeros((len(digits.labels), 2))
    for fold in folds:
        held_out = digits.take(fold.held_out)
        probabilities[fold.held_out] = mean_probabilities(list(fold.networks.values()), held_out)
    return probabilities


def train(recipe: Recipe, digits: Digits, folds: Sequence[Fold]) -> MfccSpeechClassifier:
    """The classifier: networks trained on all speakers, calibrated on the out-of-fold probabilities of `folds`."""
    calibration = calibrate(out_of_fold(folds, digits), digits.labels)
    return MfccSpeechClassifier(train_ensemble(recipe, digits, recipe.by_speaker[OURS]), FEATURES, calibration)


def find_rate(recipe: Recipe, digits: Digits) -> Curve:
    """The curve of the learning-rate finder for the first network of `OURS`."""
    config = recipe.by_speaker[OURS][0]
    samples, genders = training_samples(recipe, digits, config, recipe.seed)
    return range_test(build(config, len(genders)), samples, loss(config, genders), config.whole, recipe.seed)


def export(classifier: MfccSpeechClassifier, recipe: Recipe, metrics: dict[str, float], command: str) -> None:
    """Write `weights/speech-mfcc-published`."""
    card = weights.Card(
        system=FOLDERS[FEATURE.variant],
        labels=SPEECH_MFCC.labels,
        model={"width": WIDTH, "classes": len(SPEECH_MFCC.labels)},
        feature=asdict(FEATURE),
        fingerprint=FEATURE.fingerprint,
        inputs=("speech",),
        data={"audiomnist": LICENCE, **speech_mfcc_raw.data_licences(recipe.raw)},
        metrics=metrics,
        stages=(recipe.stage(command),),
        calibration=asdict(classifier.calibration),
    )
    weights.save(classifier.members, card)
