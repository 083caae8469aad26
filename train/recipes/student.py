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
from gender_audio.models.resnet import ResNet34
from train.calibrate import calibrate
from train.data.library import sources
from train.data.packed import Packed, Passes
from train.fit import fit
from train.recipes import singer
from train.recipes.singer import MASKS, WIDTH, Recipe
from train.records import key

LESSONS = 15_000
"""Remixes that the teachers judge."""
BLOCK = 1_000
"""Remixes that the teachers judge at once."""


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
    """What the shipped ensemble says of the first packed remixes that nobody of the val split sings in; asked once.

    The student is chosen and calibrated on those voices, whether or not the ensemble has learnt from them.
    """
    packed = recipe.remember()
    kept = sorted({source.singer_id for source in sources(recipe.data, "val")} - {""})
    rows = np.flatnonzero(~np.isin(packed.singers, kept).any(1))[:LESSONS]
    path = recipe.plan.folder / f"taught-{weights.fingerprint('singer')}-{len(rows)}.npy"
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
    """Train the student, or take it from its finished run; its best round on `remix_val.csv` counts."""
    torch.set_num_threads(1)
    torch.manual_seed(recipe.seed)
    network = ResNet34(len(recipe.channels), WIDTH)
    chosen_by = (recipe.protocol / "remix_val.csv").read_bytes()
    name = key(recipe.plan.folder.name, weights.fingerprint("singer"), recipe.schedule, MASKS, WIDTH, chosen_by)
    run = recipe.cache / f"student-{name}"
    fit(network, lessons(recipe), loss, singer.judge(recipe), recipe.schedule, run, recipe.seed)
    return network


def ship(network: nn.Module, recipe: Recipe, command: str, folder: Path = weights.FOLDER) -> None:
    """Calibrate on `remix_val.csv` and write `weights/student`."""
    features, labels = singer.validation(recipe)
    probabilities = Ensemble([network], singer.FEATURE, recipe.channels)(features)[0].softmax(1).numpy()
    card = replace(
        weights.card("singer"),
        system="student",
        metrics={"val_accuracy": float((probabilities.argmax(1) == labels.numpy()).mean())},
        command=command,
        calibration=asdict(calibrate(probabilities, labels.numpy())),
    )
    weights.save({"student": network}, card, folder)
