"""What the shipped members together say of remixes, for others to learn (Hinton et al. 2015)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset
from tqdm import tqdm

from gender_audio import weights
from gender_audio.complete import complete
from gender_audio.ensemble import Ensemble, mean_of_probabilities
from gender_audio.systems import SINGER
from train.bags import Bag
from train.data.packed import Packed

BLOCK = 1_000
"""Remixes that are judged at once."""


def said(packed: Packed, folder: Path) -> np.ndarray:
    """The probabilities of the ensemble for all packed remixes, float32 [n, 4]; asked once and kept in `folder`."""
    path = folder / f"said-{weights.fingerprint(SINGER.name)}.npy"
    if not path.exists():
        ensemble = Ensemble.load()
        blocks = tqdm(range(0, len(packed.labels), BLOCK), desc="ask", unit="block")
        found = [mean_of_probabilities(ensemble(packed.some(slice(at, at + BLOCK)))) for at in blocks]
        with complete(path) as made:
            np.save(made, torch.cat(found).numpy())
    return np.asarray(np.load(path))


class Lessons(Dataset[tuple[Tensor, ...]]):
    """The remixes of a bag with what teachers say of them, instead of their labels.

    Args:
        bag: of n packed remixes.
        probabilities: of the teachers for each of these, float32 [n, 4].
    """

    def __init__(self, bag: Bag, probabilities: np.ndarray) -> None:
        self.bag = bag
        self.probabilities = probabilities

    def __getitem__(self, number: int) -> tuple[Tensor, ...]:
        row = self.bag.row(number)
        return self.bag.packed.some(row), torch.from_numpy(self.probabilities[row])
