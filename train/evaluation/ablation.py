"""Ablation study: small trainings with one component changed or removed, tested on unseen singers.

All networks train equally long on the same random remixes, each variant with several seeds. The best round on
`remix_val.csv` counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from scipy.fft import dct
from sklearn.metrics import recall_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC
from torch import Tensor, nn

from gender_audio.features.filterbank import Filterbank
from gender_audio.models.resnet import ResNet34
from gender_audio.systems.labels import SINGING
from train.data import remix_cache
from train.data.corpus_checks import require_packages
from train.data.remix import load_protocol
from train.data.remix_cache import TRUE_STEMS, RemixCacheConfig, RemixFeatures, build_cache, load_features
from train.data.remix_config import AUGMENTED, RemixConfig
from train.data.sampler import ShuffledEpochs
from train.data.synthesis import mbrola, midi, psola
from train.engine import hardware
from train.engine.augment import SpecAugment
from train.engine.bootstrap import macro_mean, macro_mean_interval
from train.engine.fit import fit
from train.engine.quick import count
from train.engine.schedule import Schedule
from train.recipes.singing import FEATURE, INPUTS, SCHEDULE, SPEC_AUGMENT, WIDTH, score_on
from train.run_records import key

SEEDS = (0, 1, 2)
COEFFICIENTS = 20
"""Mean cepstral coefficients that the SVM gets, without the first, which is the level."""


@dataclass(frozen=True)
class Variant:
    """Settings of one row of the table; the defaults are those of a member in `weights/singing`."""

    separator: str = "unet"
    inputs: str = "vocals"
    feature: Filterbank = FEATURE
    network: str = "ResNet-34"
    width: int = WIDTH
    spec_augment: SpecAugment = SPEC_AUGMENT
    remix_config: RemixConfig = AUGMENTED
    restarts: int = 0

    def build(self) -> nn.Module:
        """The network with random weights."""
        channels = len(INPUTS[self.inputs])
        if self.network == "CNN of 3 layers":
            return three_layer_cnn(channels, 2 * self.width)
        return ResNet34(channels, self.width, blocks=(2, 2, 2, 2) if self.network == "ResNet-18" else (3, 4, 6, 3))


NO_SPEC_AUGMENT = SpecAugment(bands=0, frames=0, filter=0.0)
NO_EFFECTS = RemixConfig(spoken=AUGMENTED.spoken, extra_voice=AUGMENTED.extra_voice, random_eq=0.0, noise=0.0)
"""The same voices at the same levels, but without audio effects."""
REFERENCE = "reference: a member as shipped"
VARIANTS: dict[str, Variant] = {
    REFERENCE: Variant(),
    "no separation: the mixture": Variant(inputs="mixture"),
    "vocals and mixture, two channels": Variant(inputs="both"),
    "true stems: a perfect separator": Variant(separator=TRUE_STEMS),
    "40 bands, 25 ms every 10 ms": Variant(feature=Filterbank(normalise=True), spec_augment=SpecAugment()),
    "no augmentation except speed": Variant(spec_augment=NO_SPEC_AUGMENT, remix_config=NO_EFFECTS),
    "cosine schedule with three warm restarts": Variant(restarts=3),
    "CNN of 3 layers": Variant(network="CNN of 3 layers"),
    "ResNet-18": Variant(network="ResNet-18"),
    "width 64, as in system A": Variant(width=64),
}


@dataclass(frozen=True)
class AblationConfig:
    """Settings that all variants share.

    Attributes:
        data: folder of the corpora.
        protocol: folder of `remix_val.csv` and `remix_test.csv`.
        remixes: how many random remixes there are.
        samples: how many samples each network trains on.
        seed: of the remixes.
        seeds: of the trainings of each variant; `seed` is added to them.
        n_midi, n_mbrola, n_psola: how much synthesised material there is, see `RemixCacheConfig`.
    """

    data: Path
    protocol: Path
    cache: Path
    remixes: int = count(10_000, quick=24)
    samples: int = count(30_000, quick=8)
    seed: int = 0
    seeds: tuple[int, ...] = field(default=SEEDS, metadata={"quick": SEEDS[:1]})
    schedule: Schedule = SCHEDULE
    n_midi: int = count(midi.COUNT, quick=2)
    n_mbrola: int = count(mbrola.COUNT, quick=0)
    n_psola: int = count(psola.SONGS_PER_SPEAKER, quick=1)

    def cache_config(self, variant: Variant) -> RemixCacheConfig:
        """The remixes of a variant; both signals are cached, so variants with other inputs share them."""
        return RemixCacheConfig(
            data=self.data,
            cache=self.cache,
            count=self.remixes,
            seed=self.seed,
            feature=variant.feature,
            inputs=INPUTS["both"],
            separator=variant.separator,
            remix=variant.remix_config,
            n_midi=self.n_midi,
            n_mbrola=self.n_mbrola,
            n_psola=self.n_psola,
        )

    def variant_schedule(self, variant: Variant) -> Schedule:
        """The training schedule of a variant."""
        return replace(self.schedule, samples=self.samples, restarts=variant.restarts)


def three_layer_cnn(channels: int, width: int) -> nn.Module:
    """Three convolutions with pooling, global average pooling and a linear layer."""
    layers: list[nn.Module] = []
    for inputs, outputs in ((channels, width), (width, 2 * width), (2 * width, 4 * width)):
        layers += [nn.Conv2d(inputs, outputs, 3, padding=1), nn.BatchNorm2d(outputs), nn.ReLU(), nn.MaxPool2d(2)]
    head = nn.Linear(4 * width, len(SINGING.labels))
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), head)


def protocol_features(config: AblationConfig, variant: Variant, split: str) -> tuple[Tensor, Tensor]:
    """Features of `remix_<split>.csv`, float32 [n, channels, frames, bands], and labels [n]."""
    return remix_cache.protocol_features(
        config.cache_config(variant), config.protocol / f"remix_{split}.csv", INPUTS[variant.inputs]
    )


@dataclass(frozen=True, eq=False)
class RemixDataset(torch.utils.data.Dataset[tuple[Tensor, ...]]):
    """Cached remixes, epoch after epoch, each in a new order."""

    remixes: RemixFeatures
    epochs: ShuffledEpochs

    def __getitem__(self, index: int) -> tuple[Tensor, ...]:
        row = self.epochs(index)
        return self.remixes.load(row), torch.tensor(int(self.remixes.labels[row]))


def train_variant(config: AblationConfig, variant: Variant, seed: int) -> nn.Module:
    """Train the network of a variant, or load it from its finished run."""
    torch.set_num_threads(1)
    seed += config.seed
    torch.manual_seed(seed)
    cache_config = config.cache_config(variant)
    remixes = load_features(cache_config, INPUTS[variant.inputs])

    def loss(network: nn.Module, batch: tuple[Tensor, ...]) -> Tensor:
        features, labels = batch
        return nn.functional.cross_entropy(network(variant.spec_augment(features)).float(), labels)

    network, schedule = variant.build(), config.variant_schedule(variant)
    score = score_on(*protocol_features(config, variant, "val"))
    validation_rows = (config.protocol / "remix_val.csv").read_bytes()
    run = config.cache / "ablation" / key(cache_config.folder.name, variant, schedule, seed, validation_rows)
    dataset = RemixDataset(remixes, ShuffledEpochs(np.arange(len(remixes.labels)), seed))
    fit(network, dataset, loss, score, schedule, run, seed)
    return network


def evaluate_variants(config: AblationConfig, variants: Mapping[str, Variant] = VARIANTS) -> dict[str, dict[str, Any]]:
    """Train every variant with every seed; metrics of these and of two baselines on `remix_test.csv`.

    Args:
        variants: name to variant; `REFERENCE` must be among them.
    """
    groups = [remix.group for remix in load_protocol(config.protocol / "remix_test.csv", config.data)]
    require_packages(config.cache_config(Variant()).sources)
    for variant in variants.values():
        build_cache(config.cache_config(variant))
    # The widest networks take longest, so they start first.
    jobs = sorted(((name, seed) for name in variants for seed in config.seeds), key=lambda job: -variants[job[0]].width)
    with hardware.pool(len(jobs)) as pool:
        results = pool.map(
            partial(predict_variant, config), [variants[name] for name, _ in jobs], [seed for _, seed in jobs]
        )
        by_job = dict(zip(jobs, results, strict=True))
    predictions = {name: np.stack([by_job[name, seed] for seed in config.seeds]) for name in variants}
    _, label_tensor = protocol_features(config, variants[REFERENCE], "test")
    labels = label_tensor.numpy()
    predictions["SVM on mean cepstra"] = predict_svm(config, variants[REFERENCE])[None]
    predictions["always the same label"] = np.full((1, len(labels)), label_tensor.mode().values)
    reference = (predictions[REFERENCE] == labels).mean(0)
    return {name: variant_metrics(rows, labels, groups, reference) for name, rows in predictions.items()}


@torch.inference_mode()
def predict_variant(config: AblationConfig, variant: Variant, seed: int) -> np.ndarray:
    """Class numbers that the trained network of a variant predicts for the test rows, [n]."""
    with torch.inference_mode(mode=False):
        network = train_variant(config, variant, seed)
    features, _ = protocol_features(config, variant, "test")
    return torch.cat([network(part).argmax(1) for part in features.split(100)]).numpy()


def predict_svm(config: AblationConfig, variant: Variant) -> np.ndarray:
    """Class numbers that an SVM on the mean cepstra of the vocals predicts for the test rows, [n]."""
    remixes = build_cache(config.cache_config(variant))
    features, _ = protocol_features(config, variant, "test")
    svm = make_pipeline(StandardScaler(), SVC())
    svm.fit(mean_cepstra(np.asarray(remixes.features[:, 0], np.float32)), np.asarray(remixes.labels))
    return np.asarray(svm.predict(mean_cepstra(features[:, 0].numpy())))


def mean_cepstra(features: np.ndarray) -> np.ndarray:
    """Features [n, frames, bands] to mean cepstra [n, COEFFICIENTS]."""
    return np.asarray(dct(features.mean(1), norm="ortho")[:, 1 : 1 + COEFFICIENTS])


def variant_metrics(
    predictions: np.ndarray, labels: np.ndarray, groups: list[str], reference: np.ndarray
) -> dict[str, Any]:
    """Balanced accuracy of each seed; mean over seeds, its difference from the reference, and recalls.

    Args:
        predictions: class numbers by seed, [seeds, n].
        labels: class numbers, [n].
        groups: first singer of each row, [n]; intervals resample these.
        reference: share of the reference networks that are right about each row, [n].
    """
    correct = predictions == labels
    mean_correct = correct.mean(0)
    difference = mean_correct - reference
    label_indices = range(len(SINGING.labels))
    recalls = [
        recall_score(labels, predicted, average=None, labels=label_indices, zero_division=0)
        for predicted in predictions
    ]
    return {
        "accuracies": [macro_mean(seed_correct, labels) for seed_correct in correct],
        "interval": macro_mean_interval(mean_correct, labels, groups),
        "difference": macro_mean(difference, labels),
        "difference_interval": macro_mean_interval(difference, labels, groups),
        "recall": dict(zip(SINGING.labels, np.mean(recalls, 0).tolist(), strict=True)),
    }
