"""Separation: a clip to its vocals and its accompaniment."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np

from gender_audio.audio import Clip
from gender_audio.fingerprint import fingerprint as named

NAMES = ("unet", "spleeter", "none")
"""What `load` knows."""


@dataclass(frozen=True, eq=False)
class Stems:
    """The vocals of a clip, float32 [channels, n] at `rate` Hz; all that is not vocals is accompaniment.

    A long clip fills much of the memory, so the accompaniment is there from the moment it is asked for.
    """

    vocals: np.ndarray
    clip: Clip
    rate: int

    @property
    def mixture(self) -> np.ndarray:
        """The clip at the rate and with the channels of the vocals, [channels, n]."""
        return self.clip.stereo(self.rate) if len(self.vocals) == 2 else self.clip.mono(self.rate)[None]

    @cached_property
    def accompaniment(self) -> np.ndarray:
        """What the vocals leave of the mixture, [channels, n]."""
        return self.mixture - self.vocals


class SeparationError(Exception):
    """A separator cannot be used; `str(error)` says why and what to do."""


class Separator(Protocol):
    """Anything that takes a clip apart."""

    name: str

    def __call__(self, clip: Clip) -> Stems:
        """Stems of the whole clip, of the same duration, at the separator's own rate."""
        ...


class Mixture:
    """No separation: everything counts as vocals, the accompaniment is silence. Mono at 16 kHz."""

    name = "none"
    rate = 16_000

    def __call__(self, clip: Clip) -> Stems:
        """Stems with vocals [1, n] equal to the mixture."""
        return Stems(clip.mono(self.rate)[None], clip, self.rate)


def load(name: str) -> Separator:
    """The separator of that name: `unet` (embedded, the default), `spleeter` (Deezer's, where installed) or `none`.

    Raises:
        ValueError: there is no such separator.
        SeparationError: it is not installed, or not completely.
        WeightsError: the weights are missing or damaged.
    """
    if name == "none":
        return Mixture()
    if name == "unet":
        from gender_audio.separation.unet import Unet

        return Unet.load()
    if name == "spleeter":
        from gender_audio.separation.spleeter import Spleeter

        return Spleeter.load()
    raise ValueError(f"There is no separator called {name!r}; choose {', '.join(NAMES)}.")


def fingerprint(name: str) -> str:
    """Names a separator that learnt, for cards of members that are trained behind it; empty where it did not.

    What it hears counts as well as its weights: either changes the vocals.
    """
    if name == "unet":
        from gender_audio import weights

        return named(
            "unet", {"feature": weights.card("separator").fingerprint, "files": weights.fingerprint("separator")}
        )
    if name == "spleeter":
        from gender_audio.separation.spleeter.environment import Environment

        return Environment.of_user().fingerprint
    return ""
