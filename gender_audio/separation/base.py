"""The interface of separators, and `Mixture`, which does not separate."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np

from gender_audio.audio import Clip


@dataclass(frozen=True, eq=False)
class Stems:
    """The vocals of a clip; everything else is accompaniment. Vocals and accompaniment always add up to the mixture.

    A long clip needs much memory, so the accompaniment is computed when it is first used.

    Attributes:
        vocals: float32 [channels, n] at `rate` Hz.
        clip: the clip that was separated.
        rate: sample rate of all stems in Hz.
    """

    vocals: np.ndarray
    clip: Clip
    rate: int

    @property
    def mixture(self) -> np.ndarray:
        """The clip at the rate and with the channels of the vocals, float32 [channels, n]."""
        return self.clip.stereo(self.rate) if len(self.vocals) == 2 else self.clip.mono(self.rate)[None]

    @cached_property
    def accompaniment(self) -> np.ndarray:
        """The mixture without the vocals, float32 [channels, n]."""
        return self.mixture - self.vocals


class SeparationError(Exception):
    """A separator cannot be used; `str(error)` says why and what to do."""


class Separator(Protocol):
    """Separates clips into stems."""

    name: str

    def __call__(self, clip: Clip) -> Stems:
        """Stems of the whole clip, of the same duration, at the separator's own rate."""
        ...


class Mixture:
    """No separation: the whole mixture counts as vocals, the accompaniment is silent. Mono at 16 kHz."""

    name = "none"
    rate = 16_000

    def __call__(self, clip: Clip) -> Stems:
        """Stems with vocals [1, n] equal to the mixture."""
        return Stems(clip.mono(self.rate)[None], clip, self.rate)
