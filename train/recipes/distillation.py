"""Probabilities of trained members as targets for another network (Hinton et al. 2015)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset
from tqdm import tqdm

from gender_audio import weights
from gender_audio.atomic_write import atomic_write
from gender_audio.systems.ensemble import Ensemble, mean_of_probabilities
from gender_audio.systems.labels import SINGING
from train.data.folds import FOLDS, Bag
from train.data.remix_cache import RemixFeatures

BLOCK = 1_000
"""Remixes that the teachers score at once."""


def teacher_probabilities(remixes: RemixFeatures, folder: Path, fold: int) -> np.ndarray:
    """Mean probabilities of the members in `weights/singing` that held out a fold, for n remixes, float32 [n, 4].

    They are computed once and stored in `folder`.
    """
    path = folder / f"teachers-{weights.fingerprint(SINGING.name)}-{fold}.npy"
    if not path.exists():
        ensemble = Ensemble.load()
        teachers = Ensemble(ensemble.members[fold::FOLDS])
        blocks = tqdm(range(0, len(remixes.labels), BLOCK), desc="teachers", unit="block")
        parts = [mean_of_probabilities(teachers(remixes.load(slice(at, at + BLOCK)))) for at in blocks]
        with atomic_write(path) as file:
            np.save(file, torch.cat(parts).numpy())
    return np.asarray(np.load(path))


class DistillationDataset(Dataset[tuple[Tensor, ...]]):
    """The remixes of a bag with the probabilities of teachers as targets.

    The teachers must hold out the same fold as the bag. Teachers that were trained on these singers leak information:
    on 1,329 remixes of one fold, a student of all twenty members reached 91.1 %, a student of the four members without
    that fold 88.7 %.

    Args:
        bag: of n remixes.
        probabilities: of the teachers for each remix, float32 [n, 4].
    """

    def __init__(self, bag: Bag, probabilities: np.ndarray) -> None:
        self.bag = bag
        self.probabilities = probabilities

    def __getitem__(self, number: int) -> tuple[Tensor, ...]:
        row = self.bag.row(number)
        return self.bag.remixes.load(row), torch.from_numpy(self.probabilities[row])
