"""Kinds of voices and music among the classes of AudioSet, by EfficientAT."""

from __future__ import annotations

import torch
from torch import Tensor

from gender_audio import weights
from gender_audio.features.efficientat_mel import EfficientATMel
from gender_audio.models.efficientat import EfficientAT

NAME = "efficientat"
CLASSES = {
    "Speech": 0,
    "Male speech": 1,
    "Female speech": 2,
    "Child speech": 3,
    "Conversation": 4,
    "Singing": 27,
    "Choir": 28,
    "Yodeling": 29,
    "Chant": 30,
    "Mantra": 31,
    "Male singing": 32,
    "Female singing": 33,
    "Child singing": 34,
    "Synthetic singing": 35,
    "Rapping": 36,
    "Humming": 37,
    "Music": 137,
    "Musical instrument": 138,
    "Beatboxing": 218,
    "Opera": 238,
    "Vocal music": 254,
    "A capella": 255,
    "Song": 266,
    "Background music": 267,
    "Silence": 500,
}
"""Name to number of the classes that are outputs."""


class EfficientATVoices:
    """Logits of `CLASSES` in a snippet."""

    name = NAME
    title = "EfficientAT (published)"
    outputs = tuple(CLASSES)

    def __init__(self, network: EfficientAT, feature: EfficientATMel = EfficientATMel()) -> None:
        self.network = network.eval()
        self.feature = feature
        self.rate = feature.rate

    @classmethod
    def load(cls) -> EfficientATVoices:
        """The network with the weights of the repository.

        Raises:
            WeightsError: the weights are missing or damaged.
        """
        return cls(*weights.load_with_feature(EfficientAT(), EfficientATMel, NAME, NAME))

    @torch.inference_mode()
    def __call__(self, snippets: Tensor) -> Tensor:
        """Snippets [s, 96000] to logits [s, 25]."""
        return self.network(self.feature(snippets))[:, list(CLASSES.values())]
