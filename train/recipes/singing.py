"""Recipe `singer`: the members of the four-class ensemble, on packed remixes of the train split."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.data import Dataset

from gender_audio import weights
from gender_audio.calibration import Calibration
from gender_audio.features.filterbank import Filterbank
from gender_audio.models.resnet import ResNet34
from gender_audio.systems.ensemble import Ensemble
from gender_audio.systems.labels import SINGING
from train.data.corpus import licences, synthesis_licences
from train.data.corpus_checks import require_packages, require_remix_sources
from train.data.folds import Bag, member_seed
from train.data.remix_cache import RemixCacheConfig, RemixFeatures, build_cache, load_features
from train.data.remix_config import AUGMENTED, RemixConfig
from train.data.synthesis import mbrola, midi, psola
from train.engine import hardware
from train.engine.augment import SpecAugment
from train.engine.calibrate import calibrate
from train.engine.fit import Schedule, Score, blend, curve, fit, rates
from train.recipes import history
from train.recipes.distillation import DistillationDataset, said
from train.recipes.out_of_bag import leak, out_of_bag
from train.run_records import key

INPUTS = {"mixture": ("mixture",), "vocals": ("vocals",), "both": ("vocals", "mixture")}
FEATURE = Filterbank(bands=80, frame=800, hop=320, normalise=True)
SCHEDULE = Schedule(samples=90_000, batch=32, rate=2e-3, rounds=6, decay=2e-2, workers=0)
FURTHER = replace(SCHEDULE, samples=20_000, rate=1e-3, rounds=3)
"""How trained members go on."""
FURTHER_REMIXES = 24_000
KEPT = 0.5
"""Share of its old weights that a member keeps when it goes on with labels (Wortsman et al. 2022).

The new ones are better on what they went on with, the old ones on remixes of the val split; with this share the NLL on
the remixes for the calibration is least, of singers that the members never heard.
"""
MASKS = SpecAugment(bands=6, frames=8)
WIDTH = 16
STRANGERS = 1_000
"""Remixes of singers that a member never hears, to choose between its rounds."""
JUDGED = 6_000
"""Remixes for the calibration: as the protocol has them, and others than anybody learnt from."""
OUT_OF_BAG = 1_200
"""How many of these are judged by the members that never heard their singers: as many as leave the labels even."""
LEAKED = 1_000
"""Remixes per member for either side of the comparison of splits."""
QUICK: dict[str, Any] = {
    "remixes": 200,
    "schedule": replace(SCHEDULE, samples=32, batch=8, rounds=2),
    "n_midi": 2,
    "n_mbrola": 0,
    "n_psola": 1,
    "calibrating": 200,
}
"""Of a recipe that is only to run, with as few members as QUICK_MEMBERS."""
QUICK_MEMBERS = 5


@dataclass(frozen=True)
class Recipe:
    """Everything that a member depends on but its number; remixes have its seed unless `drawn` is given for them.

    `start` is the fingerprint of the shipped members where they go on from these, and `kept` the share of their old
    weights that they then keep; with `taught` they learn what these say, not the labels; with `refit` they leave out no
    fold.
    """

    data: Path
    cache: Path
    inputs: str = "vocals"
    separator: str = "unet"
    remixes: int = 100_000
    seed: int = 0
    schedule: Schedule = SCHEDULE
    include_val: bool = False
    drawn: int | None = None
    odds: RemixConfig = AUGMENTED
    n_midi: int = midi.COUNT
    n_mbrola: int = mbrola.COUNT
    n_psola: int = psola.SONGS_PER_SPEAKER
    calibrating: int = JUDGED
    start: str = ""
    kept: float = 0
    taught: bool = False
    refit: bool = False

    @property
    def channels(self) -> tuple[str, ...]:
        """What the members listen to."""
        return INPUTS[self.inputs]

    @property
    def plan(self) -> RemixCacheConfig:
        """The packed remixes of all members: with a separator both signals, so that inputs can be compared."""
        signals = INPUTS["mixture" if self.separator == "none" else "both"]
        return RemixCacheConfig(
            data=self.data,
            cache=self.cache,
            count=self.remixes,
            seed=self.seed if self.drawn is None else self.drawn,
            feature=FEATURE,
            inputs=signals,
            separator=self.separator,
            remix=self.odds,
            include_val=self.include_val,
            n_midi=self.n_midi,
            n_mbrola=self.n_mbrola,
            n_psola=self.n_psola,
        )

    def remember(self) -> RemixFeatures:
        """The packed remixes with the channels that the members listen to."""
        return load_features(self.plan, self.channels)

    @property
    def strata(self) -> dict[str, str]:
        """Singer to corpus and voice, for all that are heard; a speaker who is made to sing stays a speaker."""
        return {
            source.singer_id: f"{source.dataset} {source.voice}"
            for source in reversed(self.plan.sources)
            if source.singer_id
        }

    def check(self) -> None:
        """Refuse, before anything is decoded, what members could not learn from or be calibrated on.

        Raises:
            LayoutError: as `require_packages` and `require_remix_sources`.
        """
        require_packages(self.plan.sources)
        require_remix_sources(self.judged.plan.sources)

    def bag(self, member: int) -> Bag:
        """What a member learns from."""
        return Bag(self.remember(), self.strata, self.seed, member, self.refit)

    def others(self, remixes: int, lot: int) -> Recipe:
        """The same with so many other remixes: those of lot 1, 2 and so on."""
        return replace(self, remixes=remixes, drawn=self.seed + lot)

    @property
    def judged(self) -> Recipe:
        """The same with the remixes that the calibration is made on."""
        return replace(self.others(self.calibrating, lot=1), odds=RemixConfig(), n_midi=0, n_mbrola=0, n_psola=0)

    def run(self, member: int) -> Path:
        """Where a member's checkpoints lie."""
        name = key(self.plan.folder.name, self.schedule, MASKS, WIDTH, self.start, self.taught, self.refit)
        return self.cache / f"singer-{self.inputs}-{name}" / f"member-{member:02d}"

    def lessons(self, bag: Bag) -> Dataset[tuple[Tensor, ...]]:
        """What a member learns: its bag, with the labels or with what the teachers say."""
        return DistillationDataset(bag, said(bag.remixes, self.plan.folder, bag.fold)) if self.taught else bag


def loss(network: nn.Module, batch: tuple[Tensor, ...]) -> Tensor:
    """Cross-entropy of one augmented batch."""
    features, labels = batch
    heard = MASKS(features).to(memory_format=torch.channels_last)
    return nn.functional.cross_entropy(network(heard).float(), labels)


def scored(features: Tensor, labels: Tensor) -> Score:
    """Scores a network on features [n, channels, frames, bands], labels [n]: the higher, the lower the NLL."""

    def score(network: nn.Module) -> dict[str, float]:
        logits = Ensemble([network])(features)[0]
        accuracy = (logits.argmax(1) == labels).double().mean()
        return {"score": -float(nn.functional.cross_entropy(logits, labels)), "accuracy": float(accuracy)}

    return score


def train_member(recipe: Recipe, member: int) -> nn.Module:
    """Train one member, or take it from its finished run; its best round counts, on singers that it never hears.

    When it is refitted there are none, and other remixes of those that it knows take their place.
    """
    torch.set_num_threads(1)
    seed = member_seed(recipe.seed, member)
    torch.manual_seed(seed)
    network, bag = ResNet34(len(recipe.channels), WIDTH), recipe.bag(member)
    if recipe.start:
        weights.fill(network, SINGING.name, f"member-{member + 1:02d}")
    before = deepcopy(network.state_dict())
    score = scored(*bag.held_out_sample(STRANGERS))
    fit(network, recipe.lessons(bag), loss, score, recipe.schedule, recipe.run(member), seed)
    if recipe.start:
        blend(network, before, recipe.kept)
    return network


def train(recipe: Recipe, members: int) -> Ensemble:
    """Train the members, as many at a time as there are devices; finished ones are only loaded."""
    recipe.check()
    build_cache(recipe.plan)
    with hardware.pool(members) as pool:
        networks = list(pool.map(partial(train_member, recipe), range(members)))
    return Ensemble(networks)


def story(recipe: Recipe, ensemble: Ensemble) -> dict[str, object]:
    """How the members learnt: NLL on unheard singers by round, learning rates, and what a leak would promise.

    Of refitted ones, only from what: they do not leave out anybody.
    """
    learnt: dict[str, object] = {"remixes": recipe.remixes, "singers": len(recipe.strata), "seed": recipe.seed}
    if recipe.refit:
        return learnt
    bags = [recipe.bag(member) for member in range(len(ensemble.members))]
    return {
        **learnt,
        "curves": [[-found["score"] for found in curve(recipe.run(member))] for member in range(len(bags))],
        "rates": rates(recipe.schedule)[::10],
        "leak": leak(ensemble, bags, LEAKED, recipe.seed),
    }


def ship(ensemble: Ensemble, recipe: Recipe, data: dict[str, str], command: str) -> None:
    """Write `weights/singer`; `data` is what the members learnt from."""
    told = card(recipe.channels, *judge(ensemble, recipe), data, recipe.plan.separator_fingerprint, command)
    weights.save(named(ensemble), told)


def judge(ensemble: Ensemble, recipe: Recipe) -> tuple[dict[str, float], Calibration]:
    """Accuracy and calibration on singers that the members never heard.

    Refitted members have heard them all: what was found before that holds for them, too.
    """
    if recipe.refit:
        shipped = weights.card(SINGING.name)
        return shipped.metrics, Calibration(**shipped.calibration)
    bags = [recipe.judged.bag(member) for member in range(len(ensemble.members))]
    probabilities, labels = out_of_bag(ensemble, bags, OUT_OF_BAG, recipe.seed)
    accuracy = float((probabilities.argmax(1) == labels).mean())
    return {"out_of_bag_accuracy": accuracy}, calibrate(probabilities, labels)


def heard(recipe: Recipe) -> dict[str, str]:
    """Corpus to licence, of all that the members learn from, and learnt from before they went on."""
    before = weights.card(SINGING.name).data if recipe.start else {}
    return {**before, **licences(recipe.data), **synthesis_licences(recipe.plan.sources)}


def named(ensemble: Ensemble) -> dict[str, nn.Module]:
    """The members by the names of their files."""
    return {f"member-{name}": member for name, member in zip(ensemble.names, ensemble.members, strict=True)}


def card(
    inputs: tuple[str, ...],
    metrics: dict[str, float],
    calibration: Calibration,
    data: dict[str, str],
    separator: str,
    command: str,
) -> weights.Card:
    """What a folder with these members says of itself."""
    return weights.Card(
        system="singing",
        labels=SINGING.labels,
        model={"channels": len(inputs), "width": WIDTH},
        feature=asdict(FEATURE),
        fingerprint=FEATURE.fingerprint,
        inputs=inputs,
        data=data,
        metrics=metrics,
        command=command,
        calibration=asdict(calibration),
        separator=separator,
    )


def further(recipe: Recipe) -> Recipe:
    """How the shipped members go on, each without the voices that it never heard, from remixes that are new to all."""
    return replace(from_shipped(recipe.others(FURTHER_REMIXES, lot=2 + history.gone_on())), kept=KEPT)


def refit(recipe: Recipe) -> Recipe:
    """How the shipped members end, once all has been measured with them: each hears the voices that it left out, too.

    Raises:
        SplitError: they were calibrated behind another separator, and will not be again.
    """
    history.calibrated(recipe)
    return replace(from_shipped(latest(recipe)), refit=True, kept=KEPT)


def from_shipped(recipe: Recipe) -> Recipe:
    """The same, going on from the shipped members."""
    return replace(recipe, schedule=FURTHER, start=weights.fingerprint(SINGING.name))


def latest(recipe: Recipe) -> Recipe:
    """The remixes that the shipped members went on with; where they never did, some that they do not know."""
    return recipe.others(FURTHER_REMIXES, lot=max(2, 1 + history.gone_on()))
