"""Recipe `sound`: the speaker system's shipped networks, on raw speech, with `sound` features."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from torch import Tensor

from gender_audio import weights
from gender_audio.calibration import Calibration
from gender_audio.features.mfcc import Mfcc
from gender_audio.models.resnet import ResNet34
from gender_audio.systems.labels import SPEECH_MFCC
from gender_audio.systems.speech_features import mfcc_features
from gender_audio.systems.speech_mfcc import MfccSpeechClassifier
from train.data.corpus import corpus_digest, licences
from train.data.speech_cache import SpeechSnippets, load_snippets, speech_sources
from train.engine.augment import CepstralAugment, mixup
from train.engine.fit import Schedule, fit
from train.recipes import speech_training
from train.run_records import key

FEATURE = Mfcc("sound")
FEATURES = mfcc_features(FEATURE)
SCHEDULE = Schedule(samples=51_200, batch=64, rate=2e-3, rounds=4, decay=5e-2, workers=0)
AUGMENT = CepstralAugment(clipped=False)
MIXUP = 0.3
WIDTH = 8
QUICK: dict[str, Any] = {"schedule": replace(SCHEDULE, samples=64, batch=16, rounds=1)}
"""Of a recipe that is only to run."""


@dataclass(frozen=True)
class Recipe:
    """Where things are and how much is trained."""

    data: Path
    cache: Path
    seed: int = 0
    members: int = 2
    schedule: Schedule = SCHEDULE

    def spoken(self, split: str) -> SpeechSnippets:
        """One split of the shared speech; the training split at several speeds."""
        return load_snippets(FEATURES, self.data, speech_sources(self.data, split), self.cache, varied=split == "train")


def prepare(features: Tensor) -> Tensor:
    """Augmented images."""
    return AUGMENT(FEATURES.images(features))


def train(recipe: Recipe) -> MfccSpeechClassifier:
    """The members, each its best round on the validation speakers, calibrated there together."""
    spoken, checked = recipe.spoken("train"), recipe.spoken("val")
    members = {}
    for number in range(1, recipe.members + 1):
        seed = 100 * recipe.seed + number
        network = speech_training.seeded(seed, lambda: ResNet34(1, WIDTH, 2))
        samples = speech_training.drawn(spoken, lambda features, rng: features, seed)
        run = (
            recipe.cache
            / "sound"
            / key(recipe.schedule, FEATURE, AUGMENT, MIXUP, WIDTH, seed, corpus_digest(recipe.data))
        )
        loss = speech_training.cross_entropy(prepare, partial(mixup, alpha=MIXUP))
        fit(network, samples, loss, speech_training.judge(FEATURES, checked), recipe.schedule, run, seed)
        members[f"member-{number}"] = network
    return speech_training.calibrated(MfccSpeechClassifier(members, FEATURES, Calibration()), checked)


def measure(recipe: Recipe, speakers: Mapping[str, MfccSpeechClassifier]) -> dict[str, Any]:
    """Figures of each system on the validation and test recordings of the shared speech: split, then name."""
    record: dict[str, Any] = {}
    for split in ("val", "test"):
        sources = speech_sources(recipe.data, split)
        asked = {
            name: speech_training.ask(speaker, load_snippets(speaker.features, recipe.data, sources, recipe.cache))
            for name, speaker in speakers.items()
        }
        record[split] = {
            name: speech_training.figures(answers.probabilities, answers) for name, answers in asked.items()
        }
    return record


def terms(recipe: Recipe) -> dict[str, str]:
    """Corpus to licence, of the shared speech."""
    return licences(recipe.data, {source.dataset for source in speech_sources(recipe.data, "train")})


def ship(speaker: MfccSpeechClassifier, recipe: Recipe, metrics: dict[str, float], command: str) -> None:
    """Write `weights/speaker`."""
    card = weights.Card(
        system=SPEECH_MFCC.name,
        labels=SPEECH_MFCC.labels,
        model={"channels": 1, "width": WIDTH, "classes": len(SPEECH_MFCC.labels)},
        feature=asdict(FEATURE),
        fingerprint=FEATURE.fingerprint,
        inputs=("speech",),
        data=terms(recipe),
        metrics=metrics,
        command=command,
        calibration=asdict(speaker.calibration),
    )
    weights.save(speaker.members, card)
