"""Recipe `clips`: members of the four-class ensemble on the user's own labelled clips instead of remixes."""

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
from train.data.clip_cache import INPUTS, CachedSnippets, ClipFeatureCache, build_cache
from train.data.folds import Bag, member_seed
from train.data.labelled_clips import LabelledClip
from train.data.remix_cache import RemixFeatures
from train.data.splits import connected_groups
from train.data.validation import LayoutError
from train.engine import hardware
from train.engine.bootstrap import balanced_accuracy, balanced_accuracy_interval
from train.engine.calibrate import calibrate
from train.engine.fit import fit
from train.engine.schedule import Schedule
from train.recipes.out_of_bag import out_of_bag
from train.recipes.singing import (
    OUT_OF_BAG_REMIXES,
    SCHEDULE,
    SPEC_AUGMENT,
    WIDTH,
    card,
    loss,
    named_members,
    score_on,
)
from train.run_records import key

VALIDATION_SNIPPETS = 2_000
"""Maximum number of validation snippets that choose the best round and fit the calibration."""


@dataclass(frozen=True)
class ClipMetrics:
    """Metrics on whole clips that the members were not trained on.

    Attributes:
        clips, singers: how many there are; `singers` counts the known ones.
        interval: of the balanced accuracy, 95 %.
        recall, counts: of the labels that occur.
    """

    clips: int
    singers: int
    accuracy: float
    balanced_accuracy: float
    interval: tuple[float, float]
    recall: dict[str, float]
    counts: dict[str, int]

    def for_card(self, split: str) -> dict[str, float]:
        """Name to number, for a card."""
        recalls = {f"{split}_test_recall_{label}": share for label, share in self.recall.items()}
        means = {"accuracy": self.accuracy, "balanced_accuracy": self.balanced_accuracy}
        return {**{f"{split}_test_{name}": value for name, value in means.items()}, **recalls}


@dataclass(frozen=True)
class Recipe:
    """Everything that the members depend on.

    Attributes:
        splits: split of each clip: `train`, `val` or `test`.
        method: how the clips were split, see `SPLIT_METHODS`.
    """

    clips: tuple[LabelledClip, ...]
    splits: tuple[str, ...]
    store: ClipFeatureCache
    seed: int = 0
    schedule: Schedule = SCHEDULE
    members: int = 20
    method: str = "given"

    def clips_in(self, split: str) -> list[LabelledClip]:
        """The clips of one split."""
        return [clip for clip, clip_split in zip(self.clips, self.splits, strict=True) if clip_split == split]

    @cached_property
    def groups(self) -> dict[str, str]:
        """Content of every clip to the group of singers that it belongs to."""
        groups = connected_groups([clip.group_names for clip in self.clips])
        return {clip.content: str(group) for clip, group in zip(self.clips, groups, strict=True)}

    def bag(self, member: int) -> Bag:
        """The snippets that a member draws; groups take the place of singers, and their labels that of strata."""
        clips = self.clips_in("train")
        strata: dict[str, str] = {}
        for group, label in sorted({(self.groups[clip.content], clip.label) for clip in clips}):
            strata[group] = f"{strata.get(group, '')} {label}".strip()
        snippets = CachedSnippets(self.store, clips)
        groups = np.array([[self.groups[clip.content], ""] for clip in clips])[snippets.clips]
        features = RemixFeatures(snippets, label_numbers(clips)[snippets.clips], groups)
        return Bag(features, strata, self.seed, member)

    def validation(self) -> tuple[Tensor, Tensor]:
        """Features [n, 1, frames, bands] and labels [n] of snippets of the validation split."""
        clips = self.clips_in("val")
        snippets = CachedSnippets(self.store, clips)
        count = len(snippets.clips)
        rows = np.random.default_rng(self.seed).permutation(count)[:VALIDATION_SNIPPETS]
        labels = label_numbers(clips)[snippets.clips[rows]]
        return torch.from_numpy(snippets[rows].astype(np.float32)), torch.from_numpy(labels)

    def run(self, member: int) -> Path:
        """Folder of a member's checkpoints."""
        clips = zip(self.clips, self.splits, strict=True)
        rows = [(clip.content, clip.label, clip.group_names, split) for clip, split in clips]
        name = key(self.store.folder.name, rows, self.schedule, SPEC_AUGMENT, WIDTH, self.seed)
        return self.store.cache / f"clips-{name}" / f"member-{member:02d}"

    def stage(self, command: str, source: str) -> weights.Stage:
        """The entry for this training in the card; `source` names the clips."""
        return weights.Stage(
            kind="train",
            command=command,
            seed=self.seed,
            splits=("train",),
            settings={
                "inputs": "vocals",
                "separator": self.store.separator,
                "separator_fingerprint": self.store.separator_fingerprint,
                "samples": self.schedule.samples,
                "members": self.members,
                "source": source,
                "clips": len(self.clips),
                "split_method": self.method,
            },
        )


def label_numbers(clips: Sequence[LabelledClip]) -> np.ndarray:
    """The label numbers of clips, int [n]."""
    return np.array([SINGING.labels.index(clip.label) for clip in clips])


def train_member(recipe: Recipe, member: int) -> nn.Module:
    """Train one member, or load its finished run; the validation split chooses its best round."""
    torch.set_num_threads(1)
    seed = member_seed(recipe.seed, member)
    torch.manual_seed(seed)
    network = ResNet34(len(INPUTS), WIDTH)
    score = score_on(*recipe.validation())
    fit(network, recipe.bag(member), loss, score, recipe.schedule, recipe.run(member), seed)
    return network


def train(recipe: Recipe) -> Ensemble:
    """Train the members, as many at a time as there are devices; finished ones are only loaded."""
    with hardware.pool(recipe.members) as pool:
        return Ensemble(list(pool.map(partial(train_member, recipe), range(recipe.members))))


def fit_calibration(ensemble: Ensemble, recipe: Recipe) -> Calibration:
    """The calibration on the validation split and on out-of-bag predictions for the training split."""
    features, labels = recipe.validation()
    probabilities = mean_of_probabilities(ensemble(features)).numpy()
    bags = [recipe.bag(member) for member in range(len(ensemble.members))]
    bag_probabilities, bag_labels = out_of_bag(ensemble, bags, OUT_OF_BAG_REMIXES, recipe.seed)
    return calibrate(np.concatenate([probabilities, bag_probabilities]), np.concatenate([labels.numpy(), bag_labels]))


def evaluate(ensemble: Ensemble, calibration: Calibration, recipe: Recipe) -> ClipMetrics:
    """Metrics on whole clips of the test split, predicted as in the application; the interval redraws singers."""
    clips = recipe.clips_in("test")
    logits = (ensemble(recipe.store.load(clip)) for clip in tqdm(clips, desc="test", unit="clip"))
    probabilities = (
        song_probabilities(calibration(mean_of_probabilities(clip_logits).numpy())) for clip_logits in logits
    )
    predictions = np.array([clip_probabilities.argmax() for clip_probabilities in probabilities])
    labels = label_numbers(clips)
    occurring = np.unique(labels)
    recall = recall_score(labels, predictions, average=None, labels=occurring)
    groups = [recipe.groups[clip.content] for clip in clips]
    return ClipMetrics(
        clips=len(clips),
        singers=len({name for clip in clips if clip.singer for name in clip.group_names}),
        accuracy=float((predictions == labels).mean()),
        balanced_accuracy=balanced_accuracy(predictions, labels),
        interval=balanced_accuracy_interval(predictions, labels, groups),
        recall={SINGING.labels[label]: float(share) for label, share in zip(occurring, recall, strict=True)},
        counts={SINGING.labels[label]: int((labels == label).sum()) for label in occurring},
    )


def evaluate_weights(clips: Sequence[LabelledClip], store: ClipFeatureCache) -> ClipMetrics:
    """Metrics of the ensemble in `weights/singing` on clips that it was not trained on.

    Raises:
        LayoutError: its members take other inputs than vocals.
    """
    ensemble, description = Ensemble.load(), weights.card(SINGING.name)
    if description.inputs != INPUTS:
        raise LayoutError(f"The members in weights/singing take {' and '.join(description.inputs)}, not vocals alone.")
    build_cache(clips, store)
    recipe = Recipe(tuple(clips), ("test",) * len(clips), store)
    return evaluate(ensemble, Calibration(**description.calibration), recipe)


def train_and_export(recipes: Sequence[Recipe], source: str, command: str, out: Path) -> dict[str, ClipMetrics]:
    """Train and evaluate an ensemble for each split of the same clips; write the first to `out/singing`.

    Returns:
        Split method to metrics.
    """
    build_cache(recipes[0].clips, recipes[0].store)
    metrics: dict[str, ClipMetrics] = {}
    trained = []
    for recipe in recipes:
        ensemble = train(recipe)
        calibration = fit_calibration(ensemble, recipe)
        metrics[recipe.method] = evaluate(ensemble, calibration, recipe)
        trained.append((ensemble, calibration))
    (ensemble, calibration), first = trained[0], recipes[0]
    description = card(
        inputs=INPUTS,
        metrics={name: value for method, result in metrics.items() for name, value in result.for_card(method).items()},
        calibration=calibration,
        data={source: "its owner's"},
        separator_fingerprint=first.store.separator_fingerprint,
        folds={},
        stage=first.stage(command, source),
    )
    weights.save(named_members(ensemble), description, out)
    return metrics
