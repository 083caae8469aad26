"""Recipe `student`: the ensemble distilled into one network that hears what its teachers hear (Hinton et al. 2015)."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils.data import Dataset
from tqdm import tqdm

from gender_audio import weights
from gender_audio.complete import complete
from gender_audio.ensemble import Ensemble, mean_of_probabilities
from gender_audio.systems import STUDENT
from train.calibrate import calibrate
from train.data.packed import Packed, Passes
from train.fit import fit
from train.recipes import singer
from train.recipes.singer import MASKS, Recipe
from train.records import key

BLOCK = 1_000
"""Remixes that the teachers judge at once."""
FIRST = 0
"""The member that the student starts as; whom this one never heard, the student is chosen and calibrated on."""
SCHEDULE = replace(singer.SCHEDULE, samples=48_000, rate=1e-3)


class Lessons(Dataset[tuple[Tensor, ...]]):
    """Some of the packed remixes, [n], with the teachers' probabilities, float32 [n, 4], instead of their labels."""

    def __init__(self, packed: Packed, rows: np.ndarray, probabilities: np.ndarray, seed: int) -> None:
        self.packed = packed
        self.rows = rows
        self.probabilities = probabilities
        self._passes = Passes(np.arange(len(rows)), seed)

    def __getitem__(self, number: int) -> tuple[Tensor, ...]:
        place = self._passes(number)
        return self.packed.some(self.rows[place]), torch.from_numpy(self.probabilities[place])


def lessons(recipe: Recipe) -> Lessons:
    """What the shipped ensemble says of the remixes that the student learns from; asked once."""
    packed, rows = recipe.remember(), np.unique(recipe.bag(FIRST).drawn)
    path = recipe.plan.folder / f"taught-{weights.fingerprint('singer')}-{key(rows.tobytes())}.npy"
    if not path.exists():
        ensemble, blocks = Ensemble.load(), np.split(rows, range(BLOCK, len(rows), BLOCK))
        said = [mean_of_probabilities(ensemble(packed.some(block))) for block in tqdm(blocks, desc="teach")]
        with complete(path) as made:
            np.save(made, torch.cat(said).numpy())
    return Lessons(packed, rows, np.load(path), recipe.seed)


def loss(network: nn.Module, batch: tuple[Tensor, ...]) -> Tensor:
    """Cross-entropy of one augmented batch against what the teachers said of the remixes as they are."""
    features, probabilities = batch
    heard = MASKS(features).to(memory_format=torch.channels_last)
    return nn.functional.cross_entropy(network(heard).float(), probabilities)


def train(recipe: Recipe) -> nn.Module:
    """Train the student, or take it from its finished run; its best round on singers that it never hears counts."""
    torch.set_num_threads(1)
    network = Ensemble.load(FIRST + 1).members[FIRST]
    teachers = weights.fingerprint("singer")
    run = recipe.cache / f"student-{key(recipe.plan.folder.name, teachers, recipe.schedule, MASKS, recipe.seed)}"
    score = singer.scored(*recipe.bag(FIRST).strangers(singer.STRANGERS), recipe.channels)
    fit(network, lessons(recipe), loss, score, recipe.schedule, run, recipe.seed)
    return network


def ship(network: nn.Module, recipe: Recipe, command: str, folder: Path = weights.FOLDER) -> None:
    """Calibrate on singers that the student never heard and write `weights/student`."""
    features, labels = recipe.judged.bag(FIRST).strangers(singer.OUT_OF_BAG)
    probabilities = Ensemble([network], singer.FEATURE, recipe.channels)(features)[0].softmax(1).numpy()
    card = replace(
        weights.card("singer"),
        system="student",
        metrics={"out_of_bag_accuracy": float((probabilities.argmax(1) == labels.numpy()).mean())},
        command=command,
        calibration=asdict(calibrate(probabilities, labels.numpy())),
    )
    weights.save({"student": network}, card, folder)


def recalibrate(recipe: Recipe, command: str) -> None:
    """Calibrate the shipped student anew, if there is one; it stays as it is."""
    if (weights.FOLDER / STUDENT).exists():
        earlier = weights.card(STUDENT).command
        ship(Ensemble.load(STUDENT).members[0], recipe, f"{earlier}, then {command}")
