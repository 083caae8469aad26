"""Recipe `clips`: members of the four-class ensemble on somebody's own labelled clips instead of remixes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path

import numpy as np
import torch
from sklearn.metrics import recall_score
from torch import Tensor, nn
from tqdm import tqdm

from gender_audio import weights
from gender_audio.calibration import Calibration
from gender_audio.models.resnet import ResNet34
from gender_audio.systems.aggregation import song_probabilities
from gender_audio.systems.ensemble import Ensemble, mean_of_probabilities
from gender_audio.systems.labels import SINGING
from train.data.clip_cache import INPUTS, CachedSnippets, ClipFeatureCache
from train.data.folds import Bag, member_seed
from train.data.labelled_clips import LabelledClip
from train.data.remix_cache import RemixFeatures
from train.data.splits import connected_groups
from train.engine import hardware
from train.engine.bootstrap import balanced, balanced_interval
from train.engine.calibrate import calibrate
from train.engine.fit import Schedule, fit
from train.recipes.out_of_bag import out_of_bag
from train.recipes.singing import MASKS, OUT_OF_BAG, SCHEDULE, WIDTH, card, loss, named, scored
from train.run_records import key

VALIDATED = 2_000
"""Snippets that rounds are chosen by, and the calibration is fitted to, at most."""


@dataclass(frozen=True)
class Figures:
    """What members reach on clips that they did not learn from, of so many known singers.

    `interval` is of the balanced accuracy, 95 %; `recall` and `counts` have the labels that are there.
    """

    clips: int
    singers: int
    accuracy: float
    balanced_accuracy: float
    interval: tuple[float, float]
    recall: dict[str, float]
    counts: dict[str, int]

    def metrics(self, split: str) -> dict[str, float]:
        """Name to number, for a card."""
        recalls = {f"{split}_test_recall_{label}": share for label, share in self.recall.items()}
        means = {"accuracy": self.accuracy, "balanced_accuracy": self.balanced_accuracy}
        return {**{f"{split}_test_{name}": value for name, value in means.items()}, **recalls}


@dataclass(frozen=True)
class Recipe:
    """Everything that a member depends on but its number; `sides` says where each clip lies."""

    clips: tuple[LabelledClip, ...]
    sides: tuple[str, ...]
    store: ClipFeatureCache
    seed: int = 0
    schedule: Schedule = SCHEDULE

    def of(self, side: str) -> list[LabelledClip]:
        """The clips of one side."""
        return [clip for clip, own in zip(self.clips, self.sides, strict=True) if own == side]

    @cached_property
    def groups(self) -> dict[str, str]:
        """Content of every clip to the group of singers that it belongs to."""
        groups = connected_groups([clip.group_names for clip in self.clips])
        return {clip.content: str(group) for clip, group in zip(self.clips, groups, strict=True)}

    def bag(self, member: int) -> Bag:
        """What a member learns from: groups take the place of singers, their labels that of strata."""
        clips = self.of("train")
        strata: dict[str, str] = {}
        for group, label in sorted({(self.groups[clip.content], clip.label) for clip in clips}):
            strata[group] = f"{strata.get(group, '')} {label}".strip()
        snippets = CachedSnippets(self.store, clips)
        groups = np.array([[self.groups[clip.content], ""] for clip in clips])[snippets.clips]
        return Bag(RemixFeatures(snippets, numbers(clips)[snippets.clips], groups), strata, self.seed, member)

    def validation(self) -> tuple[Tensor, Tensor]:
        """Features [n, 1, frames, bands] and labels [n] of snippets of the validation side."""
        clips = self.of("val")
        snippets = CachedSnippets(self.store, clips)
        count = len(snippets.clips)
        rows = np.random.default_rng(self.seed).permutation(count)[:VALIDATED]
        labels = numbers(clips)[snippets.clips[rows]]
        return torch.from_numpy(snippets[rows].astype(np.float32)), torch.from_numpy(labels)

    def run(self, member: int) -> Path:
        """Where a member's checkpoints lie."""
        rows = [
            (clip.content, clip.label, clip.group_names, side)
            for clip, side in zip(self.clips, self.sides, strict=True)
        ]
        name = key(self.store.folder.name, rows, self.schedule, MASKS, WIDTH, self.seed)
        return self.store.cache / f"clips-{name}" / f"member-{member:02d}"


def numbers(clips: Sequence[LabelledClip]) -> np.ndarray:
    """The label numbers of clips, int [n]."""
    return np.array([SINGING.labels.index(clip.label) for clip in clips])


def train_member(recipe: Recipe, member: int) -> nn.Module:
    """Train one member, or take it from its finished run; its best round on the validation side counts."""
    torch.set_num_threads(1)
    seed = member_seed(recipe.seed, member)
    torch.manual_seed(seed)
    network = ResNet34(len(INPUTS), WIDTH)
    score = scored(*recipe.validation())
    fit(network, recipe.bag(member), loss, score, recipe.schedule, recipe.run(member), seed)
    return network


def train(recipe: Recipe, members: int) -> Ensemble:
    """Train the members, as many at a time as there are devices; finished ones are only loaded."""
    with hardware.pool(members) as pool:
        return Ensemble(list(pool.map(partial(train_member, recipe), range(members))))


def settle(ensemble: Ensemble, recipe: Recipe) -> Calibration:
    """Calibrated on the validation side, and on singers of the training side for those members that left them out."""
    features, labels = recipe.validation()
    probabilities = mean_of_probabilities(ensemble(features)).numpy()
    bags = [recipe.bag(member) for member in range(len(ensemble.members))]
    unheard, theirs = out_of_bag(ensemble, bags, OUT_OF_BAG, recipe.seed)
    return calibrate(np.concatenate([probabilities, unheard]), np.concatenate([labels.numpy(), theirs]))


def measure(ensemble: Ensemble, calibration: Calibration, recipe: Recipe) -> Figures:
    """Figures of whole clips of the test side, heard as they are served; the interval redraws singers."""
    clips = recipe.of("test")
    heard = (ensemble(recipe.store.load(clip)) for clip in tqdm(clips, desc="test", unit="clip"))
    said = np.array(
        [song_probabilities(calibration(mean_of_probabilities(logits).numpy())).argmax() for logits in heard]
    )
    labels = numbers(clips)
    there = np.unique(labels)
    recall = recall_score(labels, said, average=None, labels=there)
    groups = [recipe.groups[clip.content] for clip in clips]
    return Figures(
        clips=len(clips),
        singers=len({name for clip in clips if clip.singer for name in clip.group_names}),
        accuracy=float((said == labels).mean()),
        balanced_accuracy=balanced(said, labels),
        interval=balanced_interval(said, labels, groups),
        recall={SINGING.labels[label]: float(share) for label, share in zip(there, recall, strict=True)},
        counts={SINGING.labels[label]: int((labels == label).sum()) for label in there},
    )


def ship(
    ensemble: Ensemble,
    calibration: Calibration,
    recipe: Recipe,
    metrics: dict[str, float],
    source: str,
    command: str,
    out: Path,
) -> None:
    """Write the members to `out/singer`, in the form of the repository's own weights."""
    made = card(INPUTS, metrics, calibration, {source: "its owner's"}, recipe.store.separator_fingerprint, command)
    weights.save(named(ensemble), made, out)
