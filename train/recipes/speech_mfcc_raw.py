"""Recipe `speech-mfcc`, `sound` features: the networks that the application uses, trained on raw recordings."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

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
from train.engine.fit import fit
from train.engine.schedule import Schedule
from train.recipes import speech_training
from train.run_records import key

FEATURE = Mfcc("sound")
FEATURES = mfcc_features(FEATURE)
SCHEDULE = Schedule(samples=51_200, batch=64, rate=2e-3, rounds=4, decay=5e-2, workers=0)
AUGMENT = CepstralAugment(clipped=False)
MIXUP = 0.3
WIDTH = 8


@dataclass(frozen=True)
class Recipe:
    """Everything that the members depend on."""

    data: Path
    cache: Path
    seed: int = 0
    members: int = 2
    schedule: Schedule = SCHEDULE

    def snippets(self, split: str) -> SpeechSnippets:
        """The snippets of a split; those of the training split at several speeds."""
        sources = speech_sources(self.data, split)
        return load_snippets(FEATURES, self.data, sources, self.cache, all_speeds=split == "train")

    def run(self, seed: int) -> Path:
        """Folder of the checkpoints of the member with this seed."""
        name = key(self.schedule, FEATURE, AUGMENT, MIXUP, WIDTH, seed, corpus_digest(self.data))
        return self.cache / "speech-mfcc-raw" / name

    def stage(self, command: str) -> weights.Stage:
        """The entry for this training in the card."""
        settings = {"members": self.members, "samples": self.schedule.samples, "corpora": corpus_digest(self.data)}
        return weights.Stage("train", command, self.seed, ("train",), settings)


def prepare(features: Tensor) -> Tensor:
    """Augmented images."""
    return AUGMENT(FEATURES.images(features))


def train(recipe: Recipe) -> MfccSpeechClassifier:
    """Train the members, each to its best round on the validation speakers, and calibrate them there together."""
    snippets, validation = recipe.snippets("train"), recipe.snippets("val")
    loss = speech_training.cross_entropy(prepare, partial(mixup, alpha=MIXUP))
    score = speech_training.score_on(FEATURES, validation)
    members = {}
    for number in range(1, recipe.members + 1):
        seed = 100 * recipe.seed + number
        network = speech_training.seeded(seed, lambda: ResNet34(1, WIDTH, 2))
        samples = speech_training.balanced_samples(snippets, lambda features, rng: features, seed)
        fit(network, samples, loss, score, recipe.schedule, recipe.run(seed), seed)
        members[f"member-{number}"] = network
    return speech_training.calibrated(MfccSpeechClassifier(members, FEATURES, Calibration()), validation)


def data_licences(recipe: Recipe) -> dict[str, str]:
    """Corpus to licence, of the shared speech."""
    return licences(recipe.data, {source.dataset for source in speech_sources(recipe.data, "train")})


def export(classifier: MfccSpeechClassifier, recipe: Recipe, metrics: dict[str, float], command: str) -> None:
    """Write `weights/speech-mfcc`."""
    card = weights.Card(
        system=SPEECH_MFCC.name,
        labels=SPEECH_MFCC.labels,
        model={"channels": 1, "width": WIDTH, "classes": len(SPEECH_MFCC.labels)},
        feature=asdict(FEATURE),
        fingerprint=FEATURE.fingerprint,
        inputs=("speech",),
        data=data_licences(recipe),
        metrics=metrics,
        stages=(recipe.stage(command),),
        calibration=asdict(classifier.calibration),
    )
    weights.save(classifier.members, card)
