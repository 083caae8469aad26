"""Songs as a network hears them that learnt to tag music: means and deviations of what lies below its tags."""

from __future__ import annotations

import numpy as np
import torch

from gender_audio import weights
from gender_audio.features.logmel import LogMel
from gender_audio.models.tagger import EMBEDDING, Tagger

SYSTEM, NAME = "tagger", "musicnn"
SIZE = 2 * EMBEDDING


class MusicEmbedding:
    """The tagger and what it listens to.

    Args:
        fingerprint: names the weights, and with them what is heard through them.
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
        card = weights.card(SYSTEM)
        feature = LogMel(**card.feature)
        card.require(feature.fingerprint)
        network = Tagger()
        weights.fill(network, SYSTEM, NAME)
        return cls(network, feature, weights.fingerprint(SYSTEM))

    @torch.inference_mode()
    def __call__(self, samples: np.ndarray) -> np.ndarray:
        """Samples [n] at the feature's rate to a song's means and deviations over its patches, float32 [400]."""
        # One patch at a time is as fast as many, and takes little memory.
        patches = torch.from_numpy(self.feature(samples)).split(1)
        embeddings = torch.cat([self.network(patch)[0] for patch in patches])
        return torch.cat([embeddings.mean(0), embeddings.std(0, correction=0)]).numpy()
