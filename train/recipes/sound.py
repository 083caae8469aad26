"""Recipe `sound`: the speaker system's shipped networks, on raw speech, with `sound` features."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from librosa import mel_frequencies
from torch import Tensor, nn

from gender_audio import weights
from gender_audio.calibration import Calibration
from gender_audio.features.mfcc import SCALE, Mfcc
from gender_audio.models.resnet import ResNet34
from gender_audio.speaker import BAND_RATE, Speaker, image
from gender_audio.systems import SPEAKER
from train import listening
from train.augment import Cepstral, mixup
from train.data.balanced import Balanced
from train.data.library import digest, licences
from train.data.spoken import Spoken, corpora, pack
from train.fit import Schedule, fit
from train.records import key

FEATURE = Mfcc("sound")
EAR = Speaker({}, FEATURE, Calibration())
SCHEDULE = Schedule(samples=51_200, batch=64, rate=2e-3, rounds=4, decay=5e-2, workers=0)
AUGMENT = Cepstral(clipped=False)
MIXUP = 0.3
WIDTH = 8
PRETRAIN = Cepstral(gain=0.1, offset=0.05)
ABOVE = np.outer(
    mel_frequencies(FEATURE.bands + 2, fmax=FEATURE.rate / 2)[:-2] > BAND_RATE / 2, np.ones(FEATURE.frames)
)
"""Which bands hold nothing in speech that was recorded at 16 kHz, [bands, frames]."""


@dataclass(frozen=True)
class Recipe:
    """Where things are and how much is trained."""

    data: Path
    cache: Path
    seed: int = 0
    members: int = 2
    schedule: Schedule = SCHEDULE
    published: Schedule = replace(SCHEDULE, rounds=1)

    def spoken(self, split: str) -> Spoken:
        """One split of the shared speech; the training split at several speeds."""
        return pack(EAR, self.data, corpora(self.data, split), self.cache, varied=split == "train")


def prepare(features: Tensor) -> Tensor:
    """Augmented images."""
    return AUGMENT(image(features, FEATURE.variant))


def train(recipe: Recipe) -> Speaker:
    """The members, each its best round on the validation speakers, calibrated there together."""
    spoken, checked = recipe.spoken("train"), recipe.spoken("val")
    members = {}
    for number in range(1, recipe.members + 1):
        seed = 100 * recipe.seed + number
        network = listening.seeded(seed, lambda: ResNet34(1, WIDTH, 2))
        samples = listening.drawn(spoken, lambda features, rng: features, seed)
        run = recipe.cache / "sound" / key(recipe.schedule, FEATURE, AUGMENT, MIXUP, WIDTH, seed, digest(recipe.data))
        loss = listening.cross_entropy(prepare, partial(mixup, alpha=MIXUP))
        fit(network, samples, loss, listening.judge(EAR, checked), recipe.schedule, run, seed)
        members[f"member-{number}"] = network
    return listening.calibrated(Speaker(members, FEATURE, Calibration()), checked)


def as_published(features: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Features [12, 98] of `sound` as if they were `published`, and as if a word stood in silence.

    The speech has nothing above 8 kHz where the published recordings have some noise, so those bands are raised by up
    to 40 dB; half of the snippets keep only 0.4 to 0.8 s. The first coefficient, the level, becomes zero.
    """
    raised = features * SCALE + FEATURE.cepstra(ABOVE * rng.uniform(0, 40))
    images = raised.clip(0, 255)
    images[0] = 0
    if rng.random() < 0.5:
        length = int(rng.integers(40, 81))
        start = int(rng.integers(images.shape[1] - length + 1))
        images[:, :start] = 0
        images[:, start + length :] = 0
    return images.astype(np.float32)


def drawn_published(recipe: Recipe, seed: int) -> Balanced:
    """The shared speech of the training split as `published` features."""
    return listening.drawn(recipe.spoken("train"), as_published, seed)


def pretrained(recipe: Recipe, width: int) -> nn.Module:
    """A network that learnt from the shared speech as `published` features; a finished run is only loaded."""
    network = listening.seeded(recipe.seed, partial(ResNet34, 1, width, 2))
    run = recipe.cache / "sound" / key("published", recipe.published, PRETRAIN, width, recipe.seed, digest(recipe.data))
    loss = listening.cross_entropy(lambda features: PRETRAIN(image(features, "published")), partial(mixup, alpha=MIXUP))
    samples = drawn_published(recipe, recipe.seed)
    fit(network, samples, loss, listening.last, recipe.published, run, recipe.seed)
    return network


def measure(recipe: Recipe, speakers: Mapping[str, Speaker]) -> dict[str, Any]:
    """Figures of each system on the validation and test recordings of the shared speech: split, then name."""
    record: dict[str, Any] = {}
    for split in ("val", "test"):
        sources = corpora(recipe.data, split)
        asked = {
            name: listening.ask(speaker, pack(speaker, recipe.data, sources, recipe.cache))
            for name, speaker in speakers.items()
        }
        record[split] = {name: listening.figures(answers.probabilities, answers) for name, answers in asked.items()}
    return record


def terms(recipe: Recipe) -> dict[str, str]:
    """Corpus to licence, of the shared speech."""
    every = licences(recipe.data)
    return {name: every[name] for name in sorted({source.dataset for source in corpora(recipe.data, "train")})}


def ship(speaker: Speaker, recipe: Recipe, metrics: dict[str, float], command: str) -> None:
    """Write `weights/speaker`."""
    card = weights.Card(
        system=SPEAKER.name,
        labels=SPEAKER.labels,
        model={"channels": 1, "width": WIDTH, "classes": len(SPEAKER.labels)},
        feature=asdict(FEATURE),
        fingerprint=FEATURE.fingerprint,
        inputs=("speech",),
        data=terms(recipe),
        metrics=metrics,
        command=command,
        calibration=asdict(speaker.calibration),
    )
    weights.save(speaker.members, card)
