"""Recipe `ablation`: one network for everything that is left out or changed, each measured on unseen singers.

All networks learn equally long from the same random remixes; the best round on `remix_val.csv` counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
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
from train.data.corpus_checks import require_packages
from train.data.remix import load_protocol
from train.data.remix_cache import (
    TRUE_STEMS,
    RemixCacheConfig,
    RemixFeatures,
    build_cache,
    load_features,
    protocol_features,
)
from train.data.remix_config import AUGMENTED, RemixConfig
from train.data.sampler import ShuffledEpochs
from train.data.synthesis import mbrola, midi, psola
from train.engine import hardware
from train.engine.augment import SpecAugment
from train.engine.bootstrap import evenly, mean_interval
from train.engine.fit import Schedule, fit
from train.recipes.singing import FEATURE, INPUTS, MASKS, SCHEDULE, WIDTH, scored
from train.run_records import key

QUICK: dict[str, Any] = {
    "remixes": 24,
    "samples": 8,
    "pace": replace(SCHEDULE, batch=4, rounds=1),
    "n_midi": 2,
    "n_mbrola": 0,
    "n_psola": 1,
}
"""Of a recipe that is only to run."""
COEFFICIENTS = 20
"""Of the mean cepstra that the support vector machine hears, without the first: it is the level."""


@dataclass(frozen=True)
class Variant:
    """What one row of the table is made of; the defaults are a member as shipped."""

    separator: str = "unet"
    inputs: str = "vocals"
    feature: Filterbank = FEATURE
    network: str = "ResNet-34"
    width: int = WIDTH
    masks: SpecAugment = MASKS
    odds: RemixConfig = AUGMENTED
    restarts: int = 0
    again: int = 0
    """Another beginning and another order: what chance does to a row."""

    def build(self) -> nn.Module:
        """The network with random weights."""
        channels = len(INPUTS[self.inputs])
        if self.network == "CNN of 3 layers":
            return three_layers(channels, 2 * self.width)
        return ResNet34(channels, self.width, blocks=(2, 2, 2, 2) if self.network == "ResNet-18" else (3, 4, 6, 3))


EXACT = Filterbank()
UNTOUCHED = SpecAugment(bands=0, frames=0, filter=0.0)
PLAIN = RemixConfig(spoken=AUGMENTED.spoken, extra_voice=AUGMENTED.extra_voice, random_eq=0.0, noise=0.0)
"""Who sings together and how loud, as ever, but nothing is done to any sound."""
SHIPPED = "as a member is shipped"
REPEATED = {SHIPPED: Variant(), **{f"{SHIPPED}, from beginning {again + 1}": Variant(again=again) for again in (1, 2)}}
"""What the others stand beside: one training says little."""
VARIANTS: dict[str, Variant] = {
    **REPEATED,
    "no separation: the mixture": Variant(inputs="mixture"),
    "vocals and mixture, two channels": Variant(inputs="both"),
    "true stems: a perfect separator": Variant(separator=TRUE_STEMS),
    "40 bands, 25 ms every 10 ms": Variant(feature=replace(EXACT, normalise=True), masks=SpecAugment()),
    "the same with its level: the exact filter bank": Variant(feature=EXACT, masks=SpecAugment()),
    "no augmentation but the speeds": Variant(masks=UNTOUCHED, odds=PLAIN),
    "cosine with three warm restarts": Variant(restarts=3),
    "CNN of 3 layers": Variant(network="CNN of 3 layers"),
    "ResNet-18": Variant(network="ResNet-18"),
    "width 32": Variant(width=32),
    "width 64, system A's": Variant(width=64),
}


@dataclass(frozen=True)
class Recipe:
    """What all variants share."""

    data: Path
    protocol: Path
    cache: Path
    remixes: int = 10_000
    samples: int = 30_000
    seed: int = 0
    pace: Schedule = SCHEDULE
    n_midi: int = midi.COUNT
    n_mbrola: int = mbrola.COUNT
    n_psola: int = psola.SONGS_PER_SPEAKER

    def plan(self, variant: Variant) -> RemixCacheConfig:
        """What is packed for a variant: both signals, so that variants that hear the same share it."""
        return RemixCacheConfig(
            data=self.data,
            cache=self.cache,
            count=self.remixes,
            seed=self.seed,
            feature=variant.feature,
            inputs=INPUTS["both"],
            separator=variant.separator,
            remix=variant.odds,
            n_midi=self.n_midi,
            n_mbrola=self.n_mbrola,
            n_psola=self.n_psola,
        )

    def schedule(self, variant: Variant) -> Schedule:
        """How a variant learns."""
        return replace(self.pace, samples=self.samples, restarts=variant.restarts)


def three_layers(channels: int, width: int) -> nn.Module:
    """Three convolutions with pooling, and the mean of what is left: the least that can be called deep."""
    layers: list[nn.Module] = []
    for before, after in ((channels, width), (width, 2 * width), (2 * width, 4 * width)):
        layers += [nn.Conv2d(before, after, 3, padding=1), nn.BatchNorm2d(after), nn.ReLU(), nn.MaxPool2d(2)]
    head = nn.Linear(4 * width, len(SINGING.labels))
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), head)


def heard(recipe: Recipe, variant: Variant, split: str) -> tuple[Tensor, Tensor]:
    """What a variant hears of `remix_<split>.csv`, float32 [n, channels, frames, bands], and the labels [n]."""
    return protocol_features(recipe.plan(variant), recipe.protocol / f"remix_{split}.csv", INPUTS[variant.inputs])


@dataclass(frozen=True, eq=False)
class Rows(torch.utils.data.Dataset[tuple[Tensor, ...]]):
    """Packed remixes, pass after pass, each shuffled in its own way."""

    packed: RemixFeatures
    passes: ShuffledEpochs

    def __getitem__(self, number: int) -> tuple[Tensor, ...]:
        row = self.passes(number)
        return self.packed.load(row), torch.tensor(int(self.packed.labels[row]))


def train(recipe: Recipe, variant: Variant) -> nn.Module:
    """The network of a variant, or the one from its finished run."""
    torch.set_num_threads(1)
    seed = recipe.seed + variant.again
    torch.manual_seed(seed)
    plan = recipe.plan(variant)
    packed = load_features(plan, INPUTS[variant.inputs])

    def loss(network: nn.Module, batch: tuple[Tensor, ...]) -> Tensor:
        features, labels = batch
        return nn.functional.cross_entropy(network(variant.masks(features)).float(), labels)

    network, schedule = variant.build(), recipe.schedule(variant)
    score = scored(*heard(recipe, variant, "val"))
    chosen_by = (recipe.protocol / "remix_val.csv").read_bytes()
    run = recipe.cache / "ablation" / key(plan.folder.name, variant, schedule, seed, chosen_by)
    lessons = Rows(packed, ShuffledEpochs(np.arange(len(packed.labels)), seed))
    fit(network, lessons, loss, score, schedule, run, seed)
    return network


def measure(recipe: Recipe, variants: Mapping[str, Variant] = VARIANTS) -> dict[str, Any]:
    """Figures of every variant, and of what needs no network, on `remix_test.csv`, each beside the repeated one."""
    groups = [remix.group for remix in load_protocol(recipe.protocol / "remix_test.csv", recipe.data)]
    require_packages(recipe.plan(Variant()).sources)
    for variant in variants.values():
        build_cache(recipe.plan(variant))
    # The widest takes the longest, and would be waited for alone.
    widest = sorted(variants, key=lambda name: -variants[name].width)
    with hardware.pool(len(variants)) as pool:
        answers = pool.map(partial(answer, recipe), [variants[name] for name in widest])
        found = dict(zip(widest, answers, strict=True))
    said = {name: found[name] for name in variants}
    _, labels = heard(recipe, VARIANTS[SHIPPED], "test")
    said["SVM on mean cepstra"] = machine(recipe)
    said["always the same label"] = np.full(len(labels), labels.mode().values)
    usual = np.mean([said[name] == labels.numpy() for name in said.keys() & REPEATED.keys()], 0)
    return {name: figures(saying, labels.numpy(), groups, usual) for name, saying in said.items()}


@torch.inference_mode()
def answer(recipe: Recipe, variant: Variant) -> np.ndarray:
    """Numbers of the labels that the network of a variant gives the rows, [n]."""
    with torch.inference_mode(mode=False):
        network = train(recipe, variant)
    features, _ = heard(recipe, variant, "test")
    return torch.cat([network(part).argmax(1) for part in features.split(100)]).numpy()


def machine(recipe: Recipe) -> np.ndarray:
    """What a support vector machine on the mean cepstra of the vocals says of the rows, [n]."""
    variant = VARIANTS[SHIPPED]
    packed = build_cache(recipe.plan(variant))
    features, _ = heard(recipe, variant, "test")
    svm = make_pipeline(StandardScaler(), SVC())
    svm.fit(cepstra(np.asarray(packed.features[:, 0], np.float32)), np.asarray(packed.labels))
    return np.asarray(svm.predict(cepstra(features[:, 0].numpy())))


def cepstra(features: np.ndarray) -> np.ndarray:
    """Features [n, frames, bands] to mean cepstra [n, COEFFICIENTS]."""
    return np.asarray(dct(features.mean(1), norm="ortho")[:, 1 : 1 + COEFFICIENTS])


def figures(said: np.ndarray, labels: np.ndarray, groups: list[str], usual: np.ndarray) -> dict[str, Any]:
    """Balanced accuracy and its distance from the usual one, with intervals by first singer; the recall of every label.

    Args:
        groups: the first singers of the rows.
        usual: how many of the repeated networks are right about a row, as a share, [n].
    """
    right = said == labels
    gained = right - usual
    recalls = recall_score(labels, said, average=None, labels=range(len(SINGING.labels)), zero_division=0)
    return {
        "accuracy": evenly(right, labels),
        "interval": mean_interval(right, labels, groups),
        "gain": evenly(gained, labels),
        "gain_interval": mean_interval(gained, labels, groups),
        "recall": dict(zip(SINGING.labels, recalls.tolist(), strict=True)),
    }
