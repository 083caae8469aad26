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
from gender_audio.ensemble import Ensemble, mean_of_probabilities
from gender_audio.models.resnet import ResNet34
from train.calibrate import calibrate
from train.data.packed import Packed, Passes
from train.fit import fit
from train.recipes import singer
from train.recipes.singer import MASKS, WIDTH, Recipe
from train.records import key

REMIXES = 15_000
"""Remixes that the teachers judge: the first of those that they learnt from."""
BLOCK = 1_000
"""Remixes that the teachers judge at once."""


class Lessons(Dataset[tuple[Tensor, ...]]):
    """The packed remixes with the teachers' probabilities, float32 [n, 4], instead of their labels."""

    def __init__(self, packed: Packed, probabilities: np.ndarray, seed: int) -> None:
        self.features = packed.features
        self.probabilities = probabilities
        self._passes = Passes(np.arange(len(probabilities)), seed)

    def __getitem__(self, number: int) -> tuple[Tensor, ...]:
        row = self._passes(number)
        return torch.from_numpy(self.features[row].astype(np.float32)), torch.from_numpy(self.probabilities[row])


def teach(recipe: Recipe, ensemble: Ensemble) -> np.ndarray:
    """What the shipped ensemble says of the packed remixes, float32 [n, 4]; computed once."""
    path = recipe.plan.folder / f"taught-{weights.fingerprint('singer')}.npy"
    if not path.exists():
        packed = recipe.remember()
        said = []
        for start in tqdm(range(0, len(packed.labels), BLOCK), desc="teach", unit="block"):
            part = torch.from_numpy(packed.features[start : start + BLOCK].astype(np.float32))
            said.append(mean_of_probabilities(ensemble(part)).numpy())
        np.save(path, np.concatenate(said))
    return np.asarray(np.load(path))


def loss(network: nn.Module, batch: tuple[Tensor, ...]) -> Tensor:
    """Cross-entropy of one augmented batch against what the teachers said of the remixes as they are."""
    features, probabilities = batch
    heard = MASKS(features).to(memory_format=torch.channels_last)
    return nn.functional.cross_entropy(network(heard).float(), probabilities)


def train(recipe: Recipe) -> nn.Module:
    """Train the student, or take it from its finished run; its best round on `remix_val.csv` counts."""
    torch.set_num_threads(1)
    torch.manual_seed(recipe.seed)
    taught = teach(recipe, Ensemble.load())
    network = ResNet34(len(recipe.channels), WIDTH)
    name = key(recipe.plan.folder.name, weights.fingerprint("singer"), recipe.schedule, MASKS, WIDTH)
    run = recipe.cache / f"student-{name}"
    lessons = Lessons(recipe.remember(), taught, recipe.seed)
    fit(network, lessons, loss, singer.judge(recipe), recipe.schedule, run, recipe.seed)
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
