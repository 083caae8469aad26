"""Recipe `speech-mel`: the four models of system C's kinds, on the shared speech."""

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
from train.engine.fit import fit
from train.engine.schedule import Schedule
from train.recipes import speech_training
from train.recipes.transfer import TRUNKS, frozen, network_from, trunk_licences, trunk_name
from train.run_records import key

FEATURE = MelImage("corrected")
FEATURES = mel_features(FEATURE)
FRAMES = 150
"""Three seconds: the length of a training sample."""
SPEC_AUGMENT = SpecAugment(bands=16, frames=20, filter=0.15)
MIXUP = 0.2
WIDTH = 16
ARGUMENTS: dict[str, dict[str, Any]] = {
    "svm": {"bands": FEATURE.bands, "coefficients": 40},
    "small": {"channels": 1, "classes": 2},
    "larger": {"channels": 1, "width": WIDTH, "classes": 2},
    "transfer": {"channels": 1, "width": WIDTH, "classes": 2},
}
SVM_COSTS = (1e-4, 1e-3, 1e-2, 1e-1)
"""Values of C that are tried; validation speakers choose."""


@dataclass(frozen=True)
class Recipe:
    """Everything that the models depend on.

    Attributes:
        layout: read `Train|Validation|Test / Male|Female` below `data` instead of its manifest.
        leak: allow speakers in more than one split of that layout.
        trunk: weights that the `transfer` network starts from, see `train.recipes.transfer`.
        head, small, whole: schedules of the head of `transfer`, of `small`, and of the larger networks.
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
        """Check that every model can be trained, selected and evaluated on the data.

        Raises:
            LayoutError: a split lacks a label, or the folders are not as `voxceleb_folders.read_sources` needs them.
            LeakError: speakers are in several splits.
            LayoutError, WeightsError: as `train.recipes.transfer`.
        """
        voices = {split: {source.voice for source in self.sources(split)} for split in SPLITS}
        missing = [(split, voice) for split in SPLITS for voice in SPEECH_MEL.labels if voice not in voices[split]]
        if missing:
            lines = [f"{self.data}: there is no {voice} speech for the {split} split." for split, voice in missing]
            raise LayoutError("\n".join(lines))
        TRUNKS[self.trunk](WIDTH)

    def snippets(self, split: str) -> SpeechSnippets:
        """The snippets of a split; those of the training split at several speeds."""
        return load_snippets(FEATURES, self.data, self.sources(split), self.cache, all_speeds=split == "train")

    def run(self, name: str, snippets: SpeechSnippets, validation: SpeechSnippets) -> Path:
        """Folder of the checkpoints of a network, for its training and validation snippets."""
        trunk = trunk_name(self.trunk) if name == "transfer" else ""
        schedules = (self.head, self.small, self.whole)
        method = (trunk, ARGUMENTS[name], FRAMES, SPEC_AUGMENT, MIXUP, FEATURE, self.seed)
        sides = [(side.paths.tolist(), side.labels.tolist(), side.speakers.tolist()) for side in (snippets, validation)]
        files = files_digest(self.data, sorted({path for paths, *_ in sides for path in paths}))
        return self.cache / "speech-mel" / f"{name}-{key(*schedules, *method, sides, files)}"

    def stage(self, command: str) -> weights.Stage:
        """The entry for this training in the card."""
        settings = {
            "trunk": trunk_name(self.trunk),
            "layout": self.layout,
            "leak": self.leak,
            "samples": {"head": self.head.samples, "small": self.small.samples, "whole": self.whole.samples},
        }
        return weights.Stage("train", command, self.seed, ("train",), settings)


def prepare(features: Tensor) -> Tensor:
    """Augmented images [b, 1, bands, frames] of features [b, bands, frames]."""
    images = noise(features[:, None])
    return SPEC_AUGMENT(images.transpose(2, 3)).transpose(2, 3)


def train(recipe: Recipe) -> MelSpeechClassifier:
    """The four models, each at its best on the validation speakers, calibrated there together."""
    snippets, validation = recipe.snippets("train"), recipe.snippets("val")
    models: dict[str, nn.Module] = {"svm": fit_svm(snippets, validation)}
    for name in NETWORKS:
        models[name] = train_network(recipe, name, snippets, validation)
    return speech_training.calibrated(MelSpeechClassifier(models, FEATURES, Calibration()), validation)


def train_network(recipe: Recipe, name: str, snippets: SpeechSnippets, validation: SpeechSnippets) -> nn.Module:
    """Train one network, or load its finished run."""
    network = speech_training.seeded(recipe.seed, partial(NETWORKS[name], recipe))
    samples = speech_training.balanced_samples(snippets, partial(speech_training.crop, frames=FRAMES), recipe.seed)
    loss = speech_training.cross_entropy(prepare, partial(mixup, alpha=MIXUP))
    score, run = speech_training.score_on(FEATURES, validation), recipe.run(name, snippets, validation)
    if isinstance(network, ResNet34):
        with frozen(network):
            fit(network, samples, loss, score, recipe.head, run / "head", recipe.seed)
    schedule = recipe.small if name == "small" else recipe.whole
    fit(network, samples, loss, score, schedule, run / "whole", recipe.seed + 1)
    return network


NETWORKS: dict[str, Callable[[Recipe], nn.Module]] = {
    "small": lambda recipe: MODELS["small"](**ARGUMENTS["small"]),
    "larger": lambda recipe: MODELS["larger"](**ARGUMENTS["larger"]),
    "transfer": lambda recipe: network_from(TRUNKS[recipe.trunk](WIDTH), WIDTH),
}


def fit_svm(snippets: SpeechSnippets, validation: SpeechSnippets) -> CepstralSVM:
    """The linear support vector machine on mean cepstra; validation gives its C and its probabilities."""
    extractor = CepstralSVM(**ARGUMENTS["svm"])
    cepstra, weight = _mean_cepstra(extractor, snippets), sample_weights(snippets)
    candidates = []
    for cost in SVM_COSTS:
        pipeline = make_pipeline(StandardScaler(), LinearSVC(C=cost, max_iter=20_000, random_state=0))
        pipeline.fit(cepstra, snippets.labels, linearsvc__sample_weight=weight * len(weight))
        candidates.append(_with_platt_scaling(extractor, pipeline, validation))
    losses = []
    for candidate in candidates:
        classifier = MelSpeechClassifier({"svm": candidate}, FEATURES, Calibration())
        predictions = speech_training.predict(classifier, validation)
        losses.append(speech_training.macro_nll(predictions.probabilities, predictions))
    return candidates[int(np.argmin(losses))]


def _with_platt_scaling(extractor: CepstralSVM, pipeline: Any, validation: SpeechSnippets) -> CepstralSVM:
    """A fitted pipeline as a module, with Platt scaling on the validation snippets."""
    scaler, svc = pipeline
    decisions = pipeline.decision_function(_mean_cepstra(extractor, validation))[:, None]
    platt = LogisticRegression().fit(decisions, validation.labels, sample_weights(validation) * len(validation))
    slope = platt.coef_[0, 0]
    coefficients = slope * svc.coef_[0] / scaler.scale_
    module = CepstralSVM(**ARGUMENTS["svm"])
    with torch.no_grad():
        module.decision.weight.copy_(torch.from_numpy(coefficients)[None])
        module.decision.bias.fill_(
            slope * float(svc.intercept_[0]) + float(platt.intercept_[0]) - float(coefficients @ scaler.mean_)
        )
    return module


def sample_weights(snippets: SpeechSnippets) -> np.ndarray:
    """Weights [n] with sum 1, so that every label of every corpus has the same total weight."""
    cells = np.char.add(snippets.datasets, np.char.mod(" %d", snippets.labels))
    _, cell, sizes = np.unique(cells, return_inverse=True, return_counts=True)
    return 1 / (sizes[cell] * len(sizes))


def _mean_cepstra(extractor: CepstralSVM, snippets: SpeechSnippets) -> np.ndarray:
    images = (torch.from_numpy(snippets.features(row))[None, None] for row in range(len(snippets)))
    return np.concatenate([extractor.cepstrum(image).numpy() for image in images])


def export(classifier: MelSpeechClassifier, recipe: Recipe, metrics: dict[str, float], command: str) -> None:
    """Write `weights/speech-mel`."""
    card = weights.Card(
        system=SPEECH_MEL.name,
        labels=SPEECH_MEL.labels,
        model=ARGUMENTS,
        feature=asdict(FEATURE),
        fingerprint=FEATURE.fingerprint,
        inputs=("speech",),
        data={**trunk_licences(recipe.trunk), **_data_licences(recipe)},
        metrics=metrics,
        stages=(recipe.stage(command),),
        calibration=asdict(classifier.calibration),
    )
    weights.save(classifier.members, card)


def _data_licences(recipe: Recipe) -> dict[str, str]:
    if recipe.layout:
        return {recipe.data.name: "see the corpus"}
    return licences(recipe.data, {source.dataset for source in recipe.sources("train")})
