"""The features of the singing system: filter banks of the vocals and the mixture, in snippets."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from gender_audio.audio import Clip
from gender_audio.features.filterbank import Filterbank
from gender_audio.features.framing import Windows
from gender_audio.separation import Stems
from gender_audio.weights import Card

SIGNALS = ("vocals", "mixture")


@dataclass(frozen=True)
class SingingFeatures:
    """The inputs of the networks of the singing system.

    Attributes:
        filterbank: the feature of every channel.
        inputs: one of `vocals` or `mixture` for each channel.
        windows: how a clip is cut into snippets.
    """

    filterbank: Filterbank
    inputs: tuple[str, ...]
    windows: Windows = Windows()

    @classmethod
    def from_card(cls, card: Card) -> SingingFeatures:
        """The features that the networks of a card were trained on.

        Raises:
            WeightsError: this version computes another feature.
        """
        filterbank = Filterbank(**card.feature)
        card.require(filterbank.fingerprint)
        return cls(filterbank, card.inputs)

    @property
    def shape(self) -> tuple[int, int, int]:
        """Channels, frames and bands of one snippet."""
        return len(self.inputs), self.filterbank.frames, self.filterbank.bands

    def from_snippets(self, vocals: Tensor, mixture: Tensor) -> Tensor:
        """Snippets of both signals, [s, n] each at the rate of the filter bank, to [s, channels, frames, bands].

        Both signals set the reference level together, even if only one of them is an input.
        """
        both = self.filterbank(torch.stack([vocals, mixture], 1))
        return both[:, [SIGNALS.index(name) for name in self.inputs]]

    def from_stems(self, stems: Stems) -> Tensor:
        """Stems of a whole clip to the features of its snippets, [s, channels, frames, bands]."""
        return self.from_signals(*self.signals(stems))

    def signals(self, stems: Stems) -> tuple[np.ndarray, np.ndarray]:
        """The vocals and the mixture of a whole clip at the rate of the filter bank, float32 [n] each."""
        vocals = Clip(stems.vocals, stems.rate).mono(self.filterbank.rate)
        return vocals, _fit_length(stems.clip.mono(self.filterbank.rate), len(vocals))

    def from_signals(self, vocals: np.ndarray, mixture: np.ndarray) -> Tensor:
        """Both signals of a whole clip, [n] each, to the features of its snippets, [s, channels, frames, bands]."""
        rate = self.filterbank.rate
        features, done = torch.empty(len(self.windows.starts(len(vocals), rate)), *self.shape), 0
        for voice, mix in zip(self.windows.batches(vocals, rate), self.windows.batches(mixture, rate), strict=True):
            end = done + len(voice)
            features[done:end] = self.from_snippets(torch.from_numpy(voice), torch.from_numpy(mix))
            done = end
        return features


def _fit_length(samples: np.ndarray, length: int) -> np.ndarray:
    """Samples [n] cut or padded to [length]: resampling in two steps may give one sample more or less than in one."""
    missing = length - len(samples)
    return np.pad(samples, (0, missing), "edge") if missing > 0 else samples[:length]
