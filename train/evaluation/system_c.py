"""System C's own models, trained and tested on the same speakers as ours, and the accuracy with a split by file."""

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
from train.engine.metrics import binary_metrics
from train.recipes import speech_training
from train.recipes.speech_mel import FEATURES, Recipe, fit_svm

RAW_SAMPLES = 60_000
IMAGE_SIZE = 32
PUBLISHED_FEATURE = MelImage("published")
EPOCHS, BATCH = 20, 32
LEAKAGE_FOLDS = 4


def check_speakers(recipe: Recipe) -> None:
    """Check that there are enough training speakers for a split by speaker.

    Raises:
        SplitError: there are too few.
    """
    sources = recipe.sources("train")
    voices, speakers = (np.array([getattr(source, name) for source in sources]) for name in ("voice", "singer_id"))
    require_groups(voices, speakers, LEAKAGE_FOLDS)


def evaluate_system_c(recipe: Recipe) -> dict[str, Any]:
    """Metrics of the rebuilt models on the test speakers, and of our SVM on training files split both ways."""
    return {
        "raw_svm": evaluate_raw_svm(recipe),
        "lenet": evaluate_lenet(recipe),
        "split_leakage": split_leakage(recipe),
    }


def evaluate_raw_svm(recipe: Recipe) -> dict[str, Any]:
    """System C's baseline: a linear SVM on the first 60,000 samples of each recording."""
    train_sources, test_sources = (recipe.sources(split) for split in ("train", "test"))
    train, test = (
        np.stack([_raw_samples(recipe, source) for source in side]) for side in (train_sources, test_sources)
    )
    svm = SVC(kernel="precomputed", class_weight="balanced").fit(train @ train.T, _labels(train_sources))
    predicted = svm.predict(test @ train.T)
    speakers = np.array([source.singer_id for source in test_sources])
    return binary_metrics(np.eye(2)[predicted], _labels(test_sources), speakers)


def evaluate_lenet(recipe: Recipe) -> dict[str, Any]:
    """System C's own network as published: SGD, 20 epochs, the weights after the last epoch, images of 32 x 32."""
    features = mel_features(PUBLISHED_FEATURE)
    train, test = (
        load_snippets(features, recipe.data, recipe.sources(split), recipe.cache) for split in ("train", "test")
    )
    (images, labels), (test_images, _) = (_resized_images(side) for side in (train, test))
    network = speech_training.seeded(recipe.seed, SmallCNN)
    optimizer = torch.optim.SGD(network.parameters(), 0.01, 0.9)
    for _ in range(EPOCHS):
        for rows in torch.randperm(len(images)).split(BATCH):
            optimizer.zero_grad()
            nn.functional.cross_entropy(network(images[rows]), labels[rows]).backward()
            optimizer.step()
    with torch.inference_mode():
        probabilities = network(test_images).softmax(1).double().numpy()
    _, first = np.unique(test.paths, return_index=True)  # the network gets the first snippet of each recording only
    return binary_metrics(probabilities[first], test.labels[first], test.speakers[first])


def split_leakage(recipe: Recipe) -> dict[str, float]:
    """Balanced accuracy of the SVM on mean cepstra, with a quarter of the training recordings held out in two ways."""
    snippets = recipe.snippets("train")
    paths, first = np.unique(snippets.paths, return_index=True)
    labels, speakers = snippets.labels[first], snippets.speakers[first]
    splits = {
        "by file": split_by_file(labels, 1 / LEAKAGE_FOLDS, recipe.seed),
        "by speaker": next(split_by_speaker(labels, speakers, LEAKAGE_FOLDS, recipe.seed)),
    }
    accuracies = {}
    for name, sides in splits.items():
        train, held_out = (snippets.take(np.isin(snippets.paths, paths[rows])) for rows in sides)
        classifier = MelSpeechClassifier({"svm": fit_svm(train, train)}, FEATURES, Calibration())
        predictions = speech_training.predict(classifier, held_out)
        accuracies[name] = speech_training.macro_accuracy(predictions.probabilities, predictions)
    return accuracies


def _raw_samples(recipe: Recipe, source: Source) -> np.ndarray:
    (samples,) = decode(recipe.data, source, (1.0,))
    return np.pad(samples, (0, max(0, RAW_SAMPLES - len(samples))))[:RAW_SAMPLES].astype(np.float32) / 32767


def _labels(sources: Sequence[Source]) -> np.ndarray:
    return np.array([SPEECH_MEL.labels.index(source.voice) for source in sources])


def _resized_images(snippets: SpeechSnippets) -> tuple[Tensor, Tensor]:
    """Images [n, 3, 32, 32], each scaled to 0..1, and labels [n]."""
    images = []
    for row in range(len(snippets)):
        image = torch.from_numpy(snippets.features(row))[None, None]
        scaled = (image - image.min()) / (image.max() - image.min()).clamp(min=1)
        images.append(nn.functional.interpolate(scaled, (IMAGE_SIZE, IMAGE_SIZE), mode="bilinear", antialias=True))
    return torch.cat(images).expand(-1, 3, -1, -1), torch.from_numpy(snippets.labels)
