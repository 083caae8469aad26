"""What trained members say of remixes, for another network to learn (Hinton et al. 2015)."""

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
"""Remixes that are judged at once."""


def said(packed: RemixFeatures, folder: Path, fold: int) -> np.ndarray:
    """The mean probabilities of the shipped members that left out a fold, for all packed remixes, float32 [n, 4].

    They are asked once; what they say is kept in `folder`.
    """
    path = folder / f"said-{weights.fingerprint(SINGING.name)}-{fold}.npy"
    if not path.exists():
        everyone = Ensemble.load()
        teachers = Ensemble(everyone.members[fold::FOLDS])
        blocks = tqdm(range(0, len(packed.labels), BLOCK), desc="ask", unit="block")
        found = [mean_of_probabilities(teachers(packed.load(slice(at, at + BLOCK)))) for at in blocks]
        with atomic_write(path) as made:
            np.save(made, torch.cat(found).numpy())
    return np.asarray(np.load(path))


class DistillationDataset(Dataset[tuple[Tensor, ...]]):
    """The remixes of a bag with what teachers say of them, instead of their labels.

    The teachers leave out the fold that the bag leaves out. Of others, who know those voices, a network learns about
    them, too, though it only ever hears what they say of the rest: on 1,329 remixes of the voices of one fold a student
    of all twenty members was right in 91.1 %, one of the four without that fold in 88.7 %.

    Args:
        bag: of n packed remixes.
        probabilities: of the teachers for each of these, float32 [n, 4].
    """

    def __init__(self, bag: Bag, probabilities: np.ndarray) -> None:
        self.bag = bag
        self.probabilities = probabilities

    def __getitem__(self, number: int) -> tuple[Tensor, ...]:
        row = self.bag.row(number)
        return self.bag.remixes.load(row), torch.from_numpy(self.probabilities[row])
