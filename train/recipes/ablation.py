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
from sklearn.metrics import accuracy_score, recall_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC
from torch import Tensor, nn

from gender_audio.features.filterbank import Filterbank
from gender_audio.models.resnet import ResNet34
from gender_audio.systems import SINGER
from train import devices, installed
from train.augment import Masks
from train.data import band
from train.data.odds import VARIED, Odds
from train.data.packed import TRUE, Packed, Plan, pack, remember, rows
from train.data.remix import protocol
from train.evaluate import interval
from train.fit import Schedule, fit
from train.recipes.singer import FEATURE, INPUTS, MASKS, SCHEDULE, WIDTH, scored
from train.records import key

QUICK: dict[str, Any] = {"remixes": 24, "samples": 8, "pace": replace(SCHEDULE, batch=4, rounds=1), "band": 2}
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
    masks: Masks = MASKS
    odds: Odds = VARIED
    restarts: int = 0

    def build(self) -> nn.Module:
        """The network with random weights."""
        channels = len(INPUTS[self.inputs])
        if self.network == "CNN of 3 layers":
            return three_layers(channels, 2 * self.width)
        return ResNet34(channels, self.width, blocks=(2, 2, 2, 2) if self.network == "ResNet-18" else (3, 4, 6, 3))


EXACT = Filterbank()
UNTOUCHED = Masks(bands=0, frames=0, filter=0.0)
PLAIN = Odds(spoken=VARIED.spoken, coloured=0.0, noisy=0.0)
SHIPPED = "as a member is shipped"
VARIANTS: dict[str, Variant] = {
    SHIPPED: Variant(),
    "no separation: the mixture": Variant(inputs="mixture"),
    "vocals and mixture, two channels": Variant(inputs="both"),
    "true stems: a perfect separator": Variant(separator=TRUE),
    "40 bands, 25 ms every 10 ms": Variant(feature=replace(EXACT, normalise=True), masks=Masks()),
    "the same with its level: the exact filter bank": Variant(feature=EXACT, masks=Masks()),
    "no masks, filters or noise": Variant(masks=UNTOUCHED, odds=PLAIN),
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
    band: int = band.COUNT

    def plan(self, variant: Variant) -> Plan:
        """What is packed for a variant: both signals, so that variants that hear the same share it."""
        heard = (variant.feature, INPUTS["both"], variant.separator, variant.odds)
        return Plan(self.data, self.cache, self.remixes, self.seed, *heard, band=self.band)

    def schedule(self, variant: Variant) -> Schedule:
        """How a variant learns."""
        return replace(self.pace, samples=self.samples, restarts=variant.restarts)


def three_layers(channels: int, width: int) -> nn.Module:
    """Three convolutions with pooling, and the mean of what is left: the least that can be called deep."""
    layers: list[nn.Module] = []
    for before, after in ((channels, width), (width, 2 * width), (2 * width, 4 * width)):
        layers += [nn.Conv2d(before, after, 3, padding=1), nn.BatchNorm2d(after), nn.ReLU(), nn.MaxPool2d(2)]
    head = nn.Linear(4 * width, len(SINGER.labels))
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), head)


def heard(recipe: Recipe, variant: Variant, split: str) -> tuple[Tensor, Tensor]:
    """What a variant hears of `remix_<split>.csv`, float32 [n, channels, frames, bands], and the labels [n]."""
    return rows(recipe.plan(variant), recipe.protocol / f"remix_{split}.csv", INPUTS[variant.inputs])


@dataclass(frozen=True, eq=False)
class Rows(torch.utils.data.Dataset[tuple[Tensor, ...]]):
    """Packed remixes in their own order, pass after pass."""

    packed: Packed

    def __getitem__(self, number: int) -> tuple[Tensor, ...]:
        row = number % len(self.packed.labels)
        return self.packed.some(row), torch.tensor(int(self.packed.labels[row]))


def train(recipe: Recipe, variant: Variant) -> nn.Module:
    """The network of a variant, or the one from its finished run."""
    torch.set_num_threads(1)
    torch.manual_seed(recipe.seed)
    plan = recipe.plan(variant)
    packed = remember(plan, INPUTS[variant.inputs])

    def loss(network: nn.Module, batch: tuple[Tensor, ...]) -> Tensor:
        features, labels = batch
        return nn.functional.cross_entropy(network(variant.masks(features)).float(), labels)

    network, schedule = variant.build(), recipe.schedule(variant)
    score = scored(*heard(recipe, variant, "val"), INPUTS[variant.inputs])
    chosen_by = (recipe.protocol / "remix_val.csv").read_bytes()
    run = recipe.cache / "ablation" / key(plan.folder.name, variant, schedule, recipe.seed, chosen_by)
    fit(network, Rows(packed), loss, score, schedule, run, recipe.seed)
    return network


def measure(recipe: Recipe, variants: Mapping[str, Variant] = VARIANTS) -> dict[str, Any]:
    """Figures of every variant, and of what needs no network, on `remix_test.csv`."""
    groups = [remix.group for remix in protocol(recipe.protocol / "remix_test.csv", recipe.data)]
    installed.check(recipe.plan(Variant()).sources)
    for variant in variants.values():
        pack(recipe.plan(variant))
    with devices.pool(len(variants)) as pool:
        found = dict(zip(variants, pool.map(partial(answer, recipe, groups), variants.values()), strict=True))
    return {**found, "SVM on mean cepstra": machine(recipe, groups), "always the same label": majority(recipe, groups)}


@torch.inference_mode()
def answer(recipe: Recipe, groups: list[str], variant: Variant) -> dict[str, Any]:
    """Figures of one variant; `groups` are the first singers of the rows."""
    with torch.inference_mode(mode=False):
        network = train(recipe, variant)
    features, labels = heard(recipe, variant, "test")
    said = torch.cat([network(part).argmax(1) for part in features.split(100)])
    return figures(said.numpy(), labels.numpy(), groups)


def machine(recipe: Recipe, groups: list[str]) -> dict[str, Any]:
    """Figures of a support vector machine on the mean cepstra of the vocals."""
    variant = VARIANTS[SHIPPED]
    packed = pack(recipe.plan(variant))
    features, labels = heard(recipe, variant, "test")
    svm = make_pipeline(StandardScaler(), SVC())
    svm.fit(cepstra(np.asarray(packed.features[:, 0], np.float32)), np.asarray(packed.labels))
    return figures(svm.predict(cepstra(features[:, 0].numpy())), labels.numpy(), groups)


def cepstra(features: np.ndarray) -> np.ndarray:
    """Features [n, frames, bands] to mean cepstra [n, COEFFICIENTS]."""
    return np.asarray(dct(features.mean(1), norm="ortho")[:, 1 : 1 + COEFFICIENTS])


def majority(recipe: Recipe, groups: list[str]) -> dict[str, Any]:
    """Figures of the likeliest label, whatever is heard."""
    _, labels = heard(recipe, VARIANTS[SHIPPED], "test")
    return figures(np.full(len(labels), labels.mode().values), labels.numpy(), groups)


def figures(said: np.ndarray, labels: np.ndarray, groups: list[str]) -> dict[str, Any]:
    """Accuracy with its interval by first singer, and the recall of every label."""
    recalls = recall_score(labels, said, average=None, labels=range(len(SINGER.labels)), zero_division=0)
    return {
        "accuracy": float(accuracy_score(labels, said)),
        "interval": interval(lambda rows: float((said == labels)[rows].mean()), groups),
        "recall": dict(zip(SINGER.labels, recalls.tolist(), strict=True)),
    }
