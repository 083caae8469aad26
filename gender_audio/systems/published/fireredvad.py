"""Whether anybody speaks or sings, by the event detector of FireRedVAD."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from gender_audio import weights
from gender_audio.features.kaldi import KaldiFbank
from gender_audio.models.fireredvad import EVENTS, FireRedVAD

NAME = "fireredvad"
LOWEST = 1e-4
"""Probabilities closer than this to 0 or 1 count as this close."""
PIECE_S, PEAK = 30, 0.8
"""Length of the pieces of a clip that are analysed at once, and the peak that a whole clip is scaled to."""


class FireRedEvents:
    """Log-odds of speech, singing and music in a snippet: of the means over its frames, and of the maxima."""

    name = NAME
    title = "FireRedVAD (published)"
    outputs = (*(f"mean {event}" for event in EVENTS), "mean voice", *(f"maximum {event}" for event in EVENTS))

    def __init__(self, network: FireRedVAD, feature: KaldiFbank = KaldiFbank()) -> None:
        self.network = network.eval()
        self.feature = feature
        self.rate = feature.rate

    @classmethod
    def load(cls) -> FireRedEvents:
        """The network with the weights of the repository.

        Raises:
            WeightsError: the weights are missing or damaged.
        """
        return cls(*weights.load_with_feature(FireRedVAD(), KaldiFbank, NAME, NAME))

    @property
    def hop_s(self) -> float:
        """Time between two frames."""
        return self.feature.hop / self.rate

    @torch.inference_mode()
    def voice(self, samples: np.ndarray) -> np.ndarray:
        """Log-odds that somebody speaks or sings in every frame of a clip [n], float32 [frames]."""
        overlap = self.feature.frame - self.feature.hop
        scaled = samples * np.float32(PEAK / max(float(np.abs(samples).max()), LOWEST))
        padded = torch.from_numpy(np.pad(scaled, (0, overlap + self.feature.hop)))
        starts = range(0, len(samples), PIECE_S * self.rate)
        pieces = [padded[start : start + PIECE_S * self.rate + overlap] for start in starts]
        events = torch.cat([self.network(self.feature(piece[None]))[0] for piece in pieces if len(piece) > overlap])
        return events[:, :2].amax(-1).clamp(LOWEST, 1 - LOWEST).logit().numpy()

    @torch.inference_mode()
    def __call__(self, snippets: Tensor) -> Tensor:
        """Snippets [s, 48000] to log-odds [s, 7]. The voice of a frame is the likelier of speech and singing."""
        events = self.network(self.feature(snippets))
        voice = events[..., :2].amax(-1).mean(1)
        probabilities = torch.cat([events.mean(1), voice[:, None], events.amax(1)], 1)
        return probabilities.clamp(LOWEST, 1 - LOWEST).logit()
