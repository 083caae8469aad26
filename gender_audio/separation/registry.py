"""Loads a separator by its name, and names its weights; each separator is imported when it is first used."""

from __future__ import annotations

from gender_audio.fingerprint import fingerprint
from gender_audio.separation.base import Mixture, Separator

NAMES = ("unet", "spleeter", "none")
"""Names of the separators."""


def load(name: str) -> Separator:
    """The separator `unet` (embedded, the default), `spleeter` (Deezer's, if installed) or `none` (no separation).

    Raises:
        ValueError: there is no such separator.
        SeparationError: the separator is not installed, or only in part.
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


def separator_fingerprint(name: str) -> str:
    """Sixteen hex digits that name the weights and the feature of a separator; empty for one without weights.

    A card carries the fingerprint of the separator whose vocals the networks were trained on.
    """
    if name == "unet":
        from gender_audio import weights

        parts = {"feature": weights.card("separator").fingerprint, "files": weights.fingerprint("separator")}
        return fingerprint("unet", parts)
    if name == "spleeter":
        from gender_audio.separation.spleeter.environment import Environment

        return Environment.default().fingerprint
    return ""
