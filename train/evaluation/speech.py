"""Evaluation of the speech systems: digits by file and by speaker, and the shared speech by corpus."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from gender_audio.systems.speech_mel import MelSpeechClassifier
from gender_audio.systems.speech_mfcc import MfccSpeechClassifier
from train.data.readers.audiomnist import Digits
from train.data.speech_cache import load_snippets, speech_sources
from train.engine.bootstrap import balanced_accuracy
from train.engine.metrics import CLASSES, binary_metrics, recall_by_speaker
from train.recipes import speech_mel, speech_mfcc, speech_mfcc_raw
from train.recipes.speech_mfcc import Fold, mean_probabilities, out_of_fold
from train.recipes.speech_training import Predictions, macro_accuracy, predict


def by_file(recipe: speech_mfcc.Recipe, digits: Digits, folds: Mapping[str, Fold]) -> dict[str, Any]:
    """Metrics of every ensemble on held-out files; its training data contain their speakers."""
    record = {}
    for name, fold in folds.items():
        test, networks = digits.take(fold.held_out), list(fold.networks.values())
        probabilities = mean_probabilities(networks, test)
        record[name] = {
            **binary_metrics(probabilities, test.labels, test.speakers),
            "members": [
                float((mean_probabilities([network], test).argmax(1) != test.labels).mean()) for network in networks
            ],
            "by_speaker": recall_by_speaker(probabilities, test.labels, test.speakers),
            "learners": [asdict(config) for config in recipe.by_file[name]],
        }
    return record


def by_speaker(recipe: speech_mfcc.Recipe, digits: Digits, folds: Mapping[str, Sequence[Fold]]) -> dict[str, Any]:
    """Out-of-fold metrics of every ensemble on new speakers."""
    record = {}
    for name, parts in folds.items():
        probabilities = out_of_fold(parts, digits)
        members, fold_metrics = [], []
        for fold in parts:
            test = digits.take(fold.held_out)
            single = [mean_probabilities([network], test).argmax(1) for network in fold.networks.values()]
            members.append([balanced_accuracy(predictions, test.labels) for predictions in single])
            fold_metrics.append(binary_metrics(probabilities[fold.held_out], test.labels, test.speakers))
        record[name] = {
            **binary_metrics(probabilities, digits.labels, digits.speakers),
            "members": dict(zip(parts[0].networks, np.array(members).mean(0).tolist(), strict=True)),
            "folds": fold_metrics,
            "by_speaker": recall_by_speaker(probabilities, digits.labels, digits.speakers),
            "learners": [asdict(config) for config in recipe.by_speaker[name]],
        }
    return record


def shared_speech(
    recipe: speech_mfcc_raw.Recipe, classifiers: Mapping[str, MfccSpeechClassifier]
) -> dict[str, dict[str, Any]]:
    """Metrics of every classifier on the validation and test recordings of the shared speech: split, then name."""
    record: dict[str, dict[str, Any]] = {}
    for split in ("val", "test"):
        sources = speech_sources(recipe.data, split)
        record[split] = {}
        for name, classifier in classifiers.items():
            predictions = predict(classifier, load_snippets(classifier.features, recipe.data, sources, recipe.cache))
            record[split][name] = metrics(predictions.probabilities, predictions)
    return record


def mel_models(recipe: speech_mel.Recipe, classifier: MelSpeechClassifier) -> dict[str, Any]:
    """Metrics of every model and of their mean on validation and test recordings, and the worst test recordings."""
    predictions = {split: predict(classifier, recipe.snippets(split)) for split in ("val", "test")}
    record: dict[str, Any] = {}
    for split, result in predictions.items():
        models = dict(zip(classifier.members, result.members, strict=True)) | {"together": result.probabilities}
        record[split] = {name: metrics(probabilities, result) for name, probabilities in models.items()}
    record["worst"] = worst_recordings(predictions["test"])
    return record


def metrics(probabilities: np.ndarray, predictions: Predictions) -> dict[str, object]:
    """Metrics of probabilities [n, 2] over all recordings, and the balanced accuracy of each corpus."""
    by_corpus = {}
    for name in np.unique(predictions.datasets):
        rows = predictions.datasets == name
        values = binary_metrics(probabilities[rows], predictions.labels[rows], predictions.speakers[rows])
        by_corpus[str(name)] = {
            part: values[part] for part in ("rows", "speakers", "balanced_accuracy", "interval", "recall")
        }
    overall = binary_metrics(probabilities, predictions.labels, predictions.speakers)
    return {**overall, "macro_mean": macro_accuracy(probabilities, predictions), "corpora": by_corpus}


def worst_recordings(predictions: Predictions, count: int = 12) -> list[dict[str, object]]:
    """The misclassified recordings with the lowest probability of their label: path, speaker, label, probability."""
    probability = predictions.probabilities[np.arange(len(predictions.labels)), predictions.labels]
    rows = [row for row in np.argsort(probability)[:count] if probability[row] < 0.5]
    return [
        {
            "path": str(predictions.paths[row]),
            "speaker": str(predictions.speakers[row]),
            "label": CLASSES[predictions.labels[row]],
            "probability": float(probability[row]),
        }
        for row in rows
    ]
