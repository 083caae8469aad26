"""System B's images of AudioMNIST: 30,000 spoken digits of 60 speakers as clipped cepstra."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

FILE = "audiomnist_mfcc.npz"
LICENCE = "AudioMNIST, MIT licence (Becker et al.); images recovered from the published JPEGs"


@dataclass(frozen=True, eq=False)
class Digits:
    """n digits: `images` uint8 [n, 12, 98], `labels` int [n] (0 male, 1 female), `speakers` strings [n]."""

    images: np.ndarray
    labels: np.ndarray
    speakers: np.ndarray

    @classmethod
    def read(cls, data: Path) -> Digits:
        """Read `data/audiomnist_mfcc.npz`."""
        with np.load(data / FILE) as stored:
            labels = (stored["gender"] == "f").astype(int)
            return cls(stored["mfcc"], labels, np.char.mod("%02d", stored["speaker"]))

    def take(self, rows: np.ndarray) -> Digits:
        """The digits with these row numbers."""
        return Digits(self.images[rows], self.labels[rows], self.speakers[rows])
