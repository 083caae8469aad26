"""System C as it was, on the speakers that ours is tested on; and what a leaking split would have promised."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from sklearn.svm import SVC
from torch import Tensor, nn

from gender_audio.calibration import Calibration
from gender_audio.features.mel_image import MelImage
from gender_audio.models.speech_cnn import SmallCNN
from gender_audio.systems.labels import SPEECH_MEL
from gender_audio.systems.speech_features import mel_features
from gender_audio.systems.speech_mel import MelSpeechClassifier
from train.data.corpus import Source
from train.data.decoding import decode
from train.data.speech_cache import SpeechSnippets, load_snippets
from train.data.splits import require_groups, split_by_file, split_by_speaker
from train.engine.metrics import two_way
from train.recipes import speech_training
from train.recipes.speech_mel import FEATURES, Recipe, machine

SAMPLES = 60_000
SIDE = 32
PUBLISHED = MelImage("published")
EPOCHS, BATCH = 20, 32
GAP_FOLDS = 4


def check(recipe: Recipe) -> None:
    """Refuse, before anything is learnt, training speakers that are too few to be split.

    Raises:
        SplitError: they are.
    """
    heard = recipe.sources("train")
    voices, speakers = (np.array([getattr(source, name) for source in heard]) for name in ("voice", "singer_id"))
    require_groups(voices, speakers, GAP_FOLDS)


def measure(recipe: Recipe) -> dict[str, Any]:
    """Figures of the rebuilt systems on the test speakers, and of our machine on training files split both ways."""
    return {"raw": raw(recipe), "lenet": lenet(recipe), "gap": gap(recipe)}


def raw(recipe: Recipe) -> dict[str, Any]:
    """Their baseline: a linear support vector machine on the first 60,000 samples of each recording."""
    sides = [recipe.sources("train"), recipe.sources("test")]
    heard, tested = (np.stack([_samples(recipe, source) for source in side]) for side in sides)
    machine = SVC(kernel="precomputed", class_weight="balanced").fit(heard @ heard.T, _labels(sides[0]))
    said = machine.predict(tested @ heard.T)
    return two_way(np.eye(2)[said], _labels(sides[1]), np.array([source.singer_id for source in sides[1]]))


def lenet(recipe: Recipe) -> dict[str, Any]:
    """Their handmade network as they trained it: SGD, 20 epochs, the last one kept, on their images of 32 x 32."""
    features = mel_features(PUBLISHED)
    sides = [load_snippets(features, recipe.data, recipe.sources(split), recipe.cache) for split in ("train", "test")]
    (images, labels), (tested, _) = (_small(side) for side in sides)
    network = speech_training.seeded(recipe.seed, SmallCNN)
    optimizer = torch.optim.SGD(network.parameters(), 0.01, 0.9)
    for _ in range(EPOCHS):
        for rows in torch.randperm(len(images)).split(BATCH):
            optimizer.zero_grad()
            nn.functional.cross_entropy(network(images[rows]), labels[rows]).backward()
            optimizer.step()
    with torch.inference_mode():
        probabilities = network(tested).softmax(1).double().numpy()
    return two_way(*_recordings(probabilities, sides[1]))


def gap(recipe: Recipe) -> dict[str, float]:
    """Balanced accuracy of the machine on mean cepstra, on a quarter of the training recordings, drawn both ways."""
    spoken = recipe.spoken("train")
    paths, first = np.unique(spoken.paths, return_index=True)
    labels, speakers = spoken.labels[first], spoken.speakers[first]
    splits = {
        "by file": split_by_file(labels, 1 / GAP_FOLDS, recipe.seed),
        "by speaker": next(split_by_speaker(labels, speakers, GAP_FOLDS, recipe.seed)),
    }
    found = {}
    for name, (rows, held) in splits.items():
        heard, tested = (spoken.take(np.isin(spoken.paths, paths[part])) for part in (rows, held))
        answers = speech_training.ask(
            MelSpeechClassifier({"svm": machine(heard, heard)}, FEATURES, Calibration()), tested
        )
        found[name] = speech_training.evenly(answers.probabilities, answers)
    return found


def _samples(recipe: Recipe, source: Source) -> np.ndarray:
    (samples,) = decode(recipe.data, source, (1.0,))
    return np.pad(samples, (0, max(0, SAMPLES - len(samples))))[:SAMPLES].astype(np.float32) / 32767


def _labels(sources: Sequence[Source]) -> np.ndarray:
    return np.array([SPEECH_MEL.labels.index(source.voice) for source in sources])


def _small(spoken: SpeechSnippets) -> tuple[Tensor, Tensor]:
    """Images scaled to 0..1 each and resized to [n, 3, 32, 32], and their labels."""
    images = []
    for row in range(len(spoken)):
        image = torch.from_numpy(spoken.features(row))[None, None]
        grey = (image - image.min()) / (image.max() - image.min()).clamp(min=1)
        images.append(nn.functional.interpolate(grey, (SIDE, SIDE), mode="bilinear", antialias=True))
    return torch.cat(images).expand(-1, 3, -1, -1), torch.from_numpy(spoken.labels)


def _recordings(probabilities: np.ndarray, spoken: SpeechSnippets) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The first snippet of each recording, which is all that their network saw: probabilities, labels, speakers."""
    _, first = np.unique(spoken.paths, return_index=True)
    return probabilities[first], spoken.labels[first], spoken.speakers[first]
