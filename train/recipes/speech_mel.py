"""Recipe `voice`: the four models of system C and its baseline, on the shared speech."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC
from torch import Tensor, nn

from gender_audio import weights
from gender_audio.calibration import Calibration
from gender_audio.features.mel_image import MelImage
from gender_audio.models.resnet import ResNet34
from gender_audio.models.speech_cnn import CepstralSVM
from gender_audio.systems.labels import SPEECH_MEL
from gender_audio.systems.speech_features import mel_features
from gender_audio.systems.speech_mel import MODELS, MelSpeechClassifier
from train.data.corpus import Source, files_digest, licences
from train.data.readers import voxceleb_folders
from train.data.speech_cache import SpeechSnippets, load_snippets, speech_sources
from train.data.splits import SPLITS
from train.data.validation import LayoutError
from train.engine.augment import SpecAugment, mixup, noise
from train.engine.fit import Schedule, fit
from train.recipes import speech_training
from train.recipes.transfer import STARTS, frozen, heard, origin, start
from train.run_records import key

FEATURE = MelImage("corrected")
FEATURES = mel_features(FEATURE)
FRAMES = 150
"""Three seconds: what a network learns from at a time."""
MASKS = SpecAugment(bands=16, frames=20, filter=0.15)
MIXUP = 0.2
WIDTH = 16
ARGUMENTS: dict[str, dict[str, Any]] = {
    "svm": {"bands": FEATURE.bands, "coefficients": 40},
    "small": {"channels": 1, "classes": 2},
    "larger": {"channels": 1, "width": WIDTH, "classes": 2},
    "transfer": {"channels": 1, "width": WIDTH, "classes": 2},
}
PENALTIES = (1e-4, 1e-3, 1e-2, 1e-1)
"""Of the support vector machine; validation speakers choose."""
QUICK: dict[str, Any] = {
    name: Schedule(samples=32, batch=8, rate=1e-3, rounds=1, workers=0) for name in ("head", "small", "whole")
}
"""Of a recipe that is only to run."""


@dataclass(frozen=True)
class Recipe:
    """Where things are and how much is trained.

    Attributes:
        layout: read `Train|Validation|Test / Male|Female` below `data` instead of its manifest.
        leak: allow speakers in more than one split of that layout.
        trunk: where the transferred network starts from, see `train.recipes.transfer`.
    """

    data: Path
    cache: Path
    seed: int = 0
    layout: bool = False
    leak: bool = False
    trunk: str = "singing"
    head: Schedule = Schedule(samples=3_200, batch=32, rate=2e-3, rounds=1, workers=0)
    small: Schedule = Schedule(samples=48_000, batch=32, rate=2e-3, rounds=5, workers=0)
    whole: Schedule = Schedule(samples=25_600, batch=32, rate=1e-3, rounds=5, decay=5e-2, workers=0)

    def sources(self, split: str) -> list[Source]:
        """The recordings of a split."""
        if not self.layout:
            return speech_sources(self.data, split)
        return [source for source in voxceleb_folders.read_sources(self.data, self.leak) if source.split == split]

    def check(self) -> None:
        """Refuse data that some model could not learn from, be chosen on or be measured on.

        Raises:
            LayoutError: a split lacks a voice, or the folders are not as `folders.sources` wants them.
            LeakError: speakers are shared.
            LayoutError, WeightsError: as `train.recipes.transfer`.
        """
        voices = {split: {source.voice for source in self.sources(split)} for split in SPLITS}
        lacking = [(split, voice) for split in SPLITS for voice in SPEECH_MEL.labels if voice not in voices[split]]
        if lacking:
            words = [f"{self.data}: there is no {voice} speech for the {split} split." for split, voice in lacking]
            raise LayoutError("\n".join(words))
        STARTS[self.trunk](WIDTH)

    def spoken(self, split: str) -> SpeechSnippets:
        """The snippets of a split; those of the training split at several speeds."""
        return load_snippets(FEATURES, self.data, self.sources(split), self.cache, varied=split == "train")

    def run(self, name: str, spoken: SpeechSnippets, checked: SpeechSnippets) -> Path:
        """Where the checkpoints of a network lie that learns from some snippets and is chosen on others."""
        begun = origin(self.trunk) if name == "transfer" else ""
        plan = (self.head, self.small, self.whole, begun, ARGUMENTS[name], FRAMES, MASKS, MIXUP, FEATURE, self.seed)
        sides = [(side.paths.tolist(), side.labels.tolist(), side.speakers.tolist()) for side in (spoken, checked)]
        files = files_digest(self.data, sorted({path for paths, *_ in sides for path in paths}))
        return self.cache / "speech-mel" / f"{name}-{key(*plan, sides, files)}"


def prepare(features: Tensor) -> Tensor:
    """Augmented images [b, 1, bands, frames] of features [b, bands, frames]."""
    images = noise(features[:, None])
    return MASKS(images.transpose(2, 3)).transpose(2, 3)


def train(recipe: Recipe, spoken: SpeechSnippets, checked: SpeechSnippets) -> dict[str, nn.Module]:
    """The four models, each its best round on the validation speakers."""
    return {"svm": machine(spoken, checked), **{name: network(recipe, name, spoken, checked) for name in NETWORKS}}


def network(recipe: Recipe, name: str, spoken: SpeechSnippets, checked: SpeechSnippets) -> nn.Module:
    """One network; a finished run is only loaded."""
    made = speech_training.seeded(recipe.seed, partial(NETWORKS[name], recipe))
    samples = speech_training.drawn(spoken, partial(speech_training.crop, frames=FRAMES), recipe.seed)
    loss = speech_training.cross_entropy(prepare, partial(mixup, alpha=MIXUP))
    score, run = speech_training.judge(FEATURES, checked), recipe.run(name, spoken, checked)
    if isinstance(made, ResNet34):
        with frozen(made):
            fit(made, samples, loss, score, recipe.head, run / "head", recipe.seed)
    schedule = recipe.small if name == "small" else recipe.whole
    fit(made, samples, loss, score, schedule, run / "whole", recipe.seed + 1)
    return made


NETWORKS: dict[str, Callable[[Recipe], nn.Module]] = {
    "small": lambda recipe: MODELS["small"](**ARGUMENTS["small"]),
    "larger": lambda recipe: MODELS["larger"](**ARGUMENTS["larger"]),
    "transfer": lambda recipe: start(STARTS[recipe.trunk](WIDTH), WIDTH),
}


def machine(spoken: SpeechSnippets, checked: SpeechSnippets) -> CepstralSVM:
    """The linear support vector machine on mean cepstra; its penalty and its probabilities come from validation."""
    made = CepstralSVM(**ARGUMENTS["svm"])
    cepstra, weight = _cepstra(made, spoken), evenly(spoken)
    tried = []
    for penalty in PENALTIES:
        fitted = make_pipeline(StandardScaler(), LinearSVC(C=penalty, max_iter=20_000, random_state=0))
        fitted.fit(cepstra, spoken.labels, linearsvc__sample_weight=weight * len(weight))
        tried.append(_platt(made, fitted, checked))
    answers = [
        speech_training.ask(MelSpeechClassifier({"svm": one}, FEATURES, Calibration()), checked) for one in tried
    ]
    return tried[int(np.argmin([speech_training.evenly_lost(answer.probabilities, answer) for answer in answers]))]


def _platt(like: CepstralSVM, fitted: Any, checked: SpeechSnippets) -> CepstralSVM:
    """A fitted pipeline as a module whose probabilities are Platt's on other recordings."""
    scaler, svc = fitted
    decisions = fitted.decision_function(_cepstra(like, checked))[:, None]
    platt = LogisticRegression().fit(decisions, checked.labels, evenly(checked) * len(checked))
    slope = platt.coef_[0, 0]
    coefficients = slope * svc.coef_[0] / scaler.scale_
    made = CepstralSVM(**ARGUMENTS["svm"])
    with torch.no_grad():
        made.decision.weight.copy_(torch.from_numpy(coefficients)[None])
        made.decision.bias.fill_(
            slope * float(svc.intercept_[0]) + float(platt.intercept_[0]) - float(coefficients @ scaler.mean_)
        )
    return made


def evenly(spoken: SpeechSnippets) -> np.ndarray:
    """Weights [n] that add up to 1, so that every class of every corpus counts alike."""
    cells = np.char.add(spoken.datasets, np.char.mod(" %d", spoken.labels))
    _, cell, sizes = np.unique(cells, return_inverse=True, return_counts=True)
    return 1 / (sizes[cell] * len(sizes))


def _cepstra(model: CepstralSVM, spoken: SpeechSnippets) -> np.ndarray:
    images = (torch.from_numpy(spoken.features(row))[None, None] for row in range(len(spoken)))
    return np.concatenate([model.cepstrum(image).numpy() for image in images])


def measure(recipe: Recipe) -> tuple[MelSpeechClassifier, dict[str, Any]]:
    """The calibrated listener; figures of every model and of all together, on validation and test recordings."""
    spoken, checked, tested = (recipe.spoken(split) for split in ("train", "val", "test"))
    models = train(recipe, spoken, checked)
    listener = speech_training.calibrated(MelSpeechClassifier(models, FEATURES, Calibration()), checked)
    record: dict[str, Any] = {}
    for split, recordings in (("val", checked), ("test", tested)):
        answers = speech_training.ask(listener, recordings)
        each = dict(zip(models, answers.members, strict=True)) | {"together": answers.probabilities}
        record[split] = {name: speech_training.figures(said, answers) for name, said in each.items()}
    record["worst"] = speech_training.worst(speech_training.ask(listener, tested))
    return listener, record


def ship(listener: MelSpeechClassifier, recipe: Recipe, metrics: dict[str, float], command: str) -> None:
    """Write `weights/voice`."""
    card = weights.Card(
        system=SPEECH_MEL.name,
        labels=SPEECH_MEL.labels,
        model=ARGUMENTS,
        feature=asdict(FEATURE),
        fingerprint=FEATURE.fingerprint,
        inputs=("speech",),
        data={**heard(recipe.trunk), **_licences(recipe)},
        metrics=metrics,
        command=command,
        calibration=asdict(listener.calibration),
    )
    weights.save(listener.members, card)


def _licences(recipe: Recipe) -> dict[str, str]:
    if recipe.layout:
        return {recipe.data.name: "see the corpus"}
    return licences(recipe.data, {source.dataset for source in recipe.sources("train")})
