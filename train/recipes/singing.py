"""Recipe `singing`: the members of the four-class ensemble, trained on cached remixes of the train split."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path

import torch
from torch import Tensor, nn

from gender_audio import weights
from gender_audio.calibration import Calibration
from gender_audio.features.filterbank import Filterbank
from gender_audio.models.resnet import ResNet34
from gender_audio.systems.ensemble import Ensemble
from gender_audio.systems.labels import SINGING
from train.data.corpus import recording_licences, recordings_digest, synthesis_licences
from train.data.corpus_checks import require_packages, require_remix_sources
from train.data.folds import Bag, assign_folds, member_seed
from train.data.remix_cache import RemixCacheConfig, RemixFeatures, build_cache, load_features
from train.data.remix_config import AUGMENTED, RemixConfig
from train.data.synthesis import mbrola, midi, psola
from train.engine import hardware
from train.engine.augment import SpecAugment
from train.engine.calibrate import calibrate
from train.engine.fit import fit, read_rounds
from train.engine.quick import count
from train.engine.schedule import Schedule, learning_rates
from train.engine.types import Score
from train.recipes.out_of_bag import out_of_bag, split_leakage
from train.run_records import key

INPUTS = {"mixture": ("mixture",), "vocals": ("vocals",), "both": ("vocals", "mixture")}
FEATURE = Filterbank(bands=80, frame=800, hop=320, normalise=True)
SCHEDULE = Schedule(samples=90_000, batch=32, rate=2e-3, rounds=6, decay=2e-2, workers=0)
SPEC_AUGMENT = SpecAugment(bands=6, frames=8)
WIDTH = 16
VALIDATION_REMIXES = 1_000
"""Remixes of held-out singers that choose the best round of a member."""
OUT_OF_BAG_REMIXES = 1_200
"""Calibration remixes that are scored, each by the members that held its singers out; balanced by label."""
LEAK_REMIXES = 1_000
"""Remixes per member for each split that `split_leakage` compares."""


@dataclass(frozen=True)
class Recipe:
    """Everything that the members depend on.

    Attributes:
        inputs: key of `INPUTS`.
        separator: name of the separator; `none` for mixtures alone.
        remixes: in the cache that all members draw from.
        include_val: train on the singers of the val split, too.
        remix_seed: of the cached remixes; the recipe's seed if None.
        n_midi, n_mbrola: number of synthesised accompaniments and melodies.
        n_psola: number of songs that are synthesised from the speech of each training speaker.
        calibration_remixes: a separate draw, without the augmentation of the training remixes.
        members: networks in the ensemble.
        use_guessed: use recordings whose voice a model guessed.
    """

    data: Path
    cache: Path
    inputs: str = "vocals"
    separator: str = "unet"
    remixes: int = count(100_000, quick=200)
    seed: int = 0
    schedule: Schedule = SCHEDULE
    include_val: bool = False
    remix_seed: int | None = None
    remix_config: RemixConfig = AUGMENTED
    n_midi: int = count(midi.COUNT, quick=2)
    n_mbrola: int = count(mbrola.COUNT, quick=0)
    n_psola: int = count(psola.SONGS_PER_SPEAKER, quick=1)
    calibration_remixes: int = count(6_000, quick=200)
    members: int = count(20, quick=5)
    use_guessed: bool = True

    @property
    def channels(self) -> tuple[str, ...]:
        """The signals that the members take, one per channel."""
        return INPUTS[self.inputs]

    @property
    def cache_config(self) -> RemixCacheConfig:
        """The cached remixes of all members; with a separator both signals, so that inputs can be compared."""
        return RemixCacheConfig(
            self.data,
            self.cache,
            self.remixes,
            seed=self.seed if self.remix_seed is None else self.remix_seed,
            feature=FEATURE,
            inputs=INPUTS["mixture" if self.separator == "none" else "both"],
            separator=self.separator,
            remix=self.remix_config,
            include_val=self.include_val,
            n_midi=self.n_midi,
            n_mbrola=self.n_mbrola,
            n_psola=self.n_psola,
            guessed=self.use_guessed,
        )

    def features(self) -> RemixFeatures:
        """The cached remixes with the channels that the members take."""
        return load_features(self.cache_config, self.channels)

    @property
    def strata(self) -> dict[str, str]:
        """Singer to corpus and voice, for all voices in the remixes; PSOLA singing has the stratum of its speaker.

        They are the same whether or not guessed voices are used, so that training and calibration have the same folds.
        """
        return {
            source.group: f"{source.dataset} {source.voice} {source.label_source}"
            for source in reversed(replace(self.cache_config, guessed=True).sources)
            if source.kind != "accompaniment"
        }

    @property
    def guessed(self) -> set[str]:
        """Singers in the remixes whose voice a model guessed."""
        return {source.group for source in self.cache_config.sources if source.guessed}

    def check(self) -> None:
        """Check, before anything is decoded, that there is enough data for training and calibration.

        Raises:
            LayoutError: as `require_packages` and `require_remix_sources`.
        """
        require_packages(self.cache_config.sources)
        require_remix_sources(self.for_calibration.cache_config.sources)

    def bag(self, member: int) -> Bag:
        """The remixes that a member draws; it holds out the singers of one fold."""
        return Bag(self.features(), self.strata, self.seed, member, self.guessed)

    @property
    def for_calibration(self) -> Recipe:
        """The same recipe with the calibration remixes: another draw, mixed as in the protocol, of named voices."""
        return replace(
            self,
            remixes=self.calibration_remixes,
            remix_seed=self.seed + 1,
            remix_config=RemixConfig(),
            n_midi=0,
            n_mbrola=0,
            n_psola=0,
            use_guessed=False,
        )

    def run(self, member: int) -> Path:
        """Folder of a member's checkpoints."""
        name = key(self.cache_config.folder.name, self.schedule, SPEC_AUGMENT, WIDTH)
        return self.cache / f"singing-{self.inputs}-{name}" / f"member-{member:02d}"

    def stage(self, command: str) -> weights.Stage:
        """The entry for this training in the card."""
        return weights.Stage(
            kind="train",
            command=command,
            seed=self.seed,
            splits=("train", "val") if self.include_val else ("train",),
            settings={
                "inputs": self.inputs,
                "separator": self.separator,
                "separator_fingerprint": self.cache_config.separator_fingerprint,
                "remixes": self.remixes,
                "samples": self.schedule.samples,
                "members": self.members,
                "include_val": self.include_val,
                "corpora": recordings_digest(self.data),
            },
        )


def loss(network: nn.Module, batch: tuple[Tensor, ...]) -> Tensor:
    """Cross-entropy of a batch after SpecAugment; the targets are labels [b] or probabilities [b, 4]."""
    features, targets = batch
    augmented = SPEC_AUGMENT(features).to(memory_format=torch.channels_last)
    return nn.functional.cross_entropy(network(augmented).float(), targets)


def score_on(features: Tensor, labels: Tensor) -> Score:
    """A score on features [n, channels, frames, bands] and labels [n]: the negative NLL, and the accuracy."""

    def score(network: nn.Module) -> dict[str, float]:
        logits = Ensemble([network])(features)[0]
        accuracy = (logits.argmax(1) == labels).double().mean()
        return {"score": -float(nn.functional.cross_entropy(logits, labels)), "accuracy": float(accuracy)}

    return score


def train_member(recipe: Recipe, member: int) -> nn.Module:
    """Train one member, or load its finished run; held-out singers choose its best round."""
    torch.set_num_threads(1)
    seed = member_seed(recipe.seed, member)
    torch.manual_seed(seed)
    network, bag = ResNet34(len(recipe.channels), WIDTH), recipe.bag(member)
    score = score_on(*bag.held_out_sample(VALIDATION_REMIXES))
    fit(network, bag, loss, score, recipe.schedule, recipe.run(member), seed)
    return network


def train(recipe: Recipe) -> Ensemble:
    """Train the members, as many at a time as there are devices; finished ones are only loaded."""
    recipe.check()
    build_cache(recipe.cache_config)
    with hardware.pool(recipe.members) as pool:
        networks = list(pool.map(partial(train_member, recipe), range(recipe.members)))
    return Ensemble(networks)


def training_record(recipe: Recipe, ensemble: Ensemble) -> dict[str, object]:
    """NLL on held-out singers by round, learning rates, and the accuracy with a split that leaks singers."""
    bags = [recipe.bag(member) for member in range(recipe.members)]
    return {
        "remixes": recipe.remixes,
        "singers": len(recipe.strata),
        "seed": recipe.seed,
        "curves": [
            [-values["score"] for values in read_rounds(recipe.run(member))] for member in range(recipe.members)
        ],
        "rates": learning_rates(recipe.schedule)[::10],
        "leak": split_leakage(ensemble, bags, LEAK_REMIXES, recipe.seed),
    }


def calibrate_out_of_bag(ensemble: Ensemble, recipe: Recipe) -> tuple[dict[str, float], Calibration]:
    """Accuracy and calibration on singers that the members held out."""
    bags = [recipe.for_calibration.bag(member) for member in range(len(ensemble.members))]
    probabilities, labels = out_of_bag(ensemble, bags, OUT_OF_BAG_REMIXES, recipe.seed)
    accuracy = float((probabilities.argmax(1) == labels).mean())
    return {"out_of_bag_accuracy": accuracy}, calibrate(probabilities, labels)


def export(ensemble: Ensemble, recipe: Recipe, command: str) -> None:
    """Calibrate the members and write `weights/singing`."""
    metrics, calibration = calibrate_out_of_bag(ensemble, recipe)
    description = card(
        inputs=recipe.channels,
        metrics=metrics,
        calibration=calibration,
        data=data_licences(recipe),
        separator_fingerprint=recipe.cache_config.separator_fingerprint,
        folds=assign_folds(recipe.strata, recipe.seed),
        stage=recipe.stage(command),
    )
    weights.save(named_members(ensemble), description)


def data_licences(recipe: Recipe) -> dict[str, str]:
    """Corpus to licence, of everything that the members are trained on."""
    return {**recording_licences(recipe.data), **synthesis_licences(recipe.cache_config.sources)}


def named_members(ensemble: Ensemble) -> dict[str, nn.Module]:
    """The members by the names of their files."""
    return {f"member-{name}": member for name, member in zip(ensemble.names, ensemble.members, strict=True)}


def card(
    *,
    inputs: tuple[str, ...],
    metrics: dict[str, float],
    calibration: Calibration,
    data: dict[str, str],
    separator_fingerprint: str,
    folds: dict[str, int],
    stage: weights.Stage,
) -> weights.Card:
    """The card of members that take these inputs."""
    return weights.Card(
        system=SINGING.name,
        labels=SINGING.labels,
        model={"channels": len(inputs), "width": WIDTH},
        feature=asdict(FEATURE),
        fingerprint=FEATURE.fingerprint,
        inputs=inputs,
        data=data,
        metrics=metrics,
        stages=(stage,),
        calibration=asdict(calibration),
        separator=separator_fingerprint,
        folds=folds,
    )
