"""An embedding of songs: means and standard deviations of the last hidden layer of a music tagger."""

from __future__ import annotations

import numpy as np
import torch

from gender_audio import weights
from gender_audio.features.logmel import LogMel
from gender_audio.models.tagger import EMBEDDING, Tagger

SYSTEM, NAME = "tagger", "musicnn"
"""Folder and file of the weights."""
PROGRESSIVE_ROCK = 43
"""Number of the tag `Progressive rock`."""
SIZE = 2 * EMBEDDING
"""Length of the embedding of a song."""


class MusicEmbedding:
    """A music tagger and its feature.

    Args:
        fingerprint: names the weights.
    """

    def __init__(self, network: Tagger, feature: LogMel, fingerprint: str) -> None:
        self.network = network.eval()
        self.feature = feature
        self.fingerprint = fingerprint

    @classmethod
    def load(cls) -> MusicEmbedding:
        """The tagger with the weights of the repository.

        Raises:
            WeightsError: the weights are missing or damaged.
        """
        return cls(*weights.load_with_feature(Tagger(), LogMel, SYSTEM, NAME), weights.fingerprint(SYSTEM))

    @torch.inference_mode()
    def __call__(self, samples: np.ndarray) -> np.ndarray:
        """Samples [n] at the feature's rate to means and standard deviations over all patches, float32 [400]."""
        # Patches pass one by one: as fast as in batches, with less memory.
        patches = torch.from_numpy(self.feature(samples)).split(1)
        embeddings = torch.cat([self.network(patch)[0] for patch in patches])
        return torch.cat([embeddings.mean(0), embeddings.std(0, correction=0)]).numpy()

    @torch.inference_mode()
    def tag_probability(self, embedding: np.ndarray, tag: int) -> float:
        """The probability of a tag, from the mean of its logits over the song; `embedding` is as returned, [400]."""
        return float(self.network.tags(torch.from_numpy(embedding[:EMBEDDING]))[tag].sigmoid())
