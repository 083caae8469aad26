"""Loads a separator by its name, and names its weights; each separator is imported when it is first used."""

from __future__ import annotations

from gender_audio.fingerprint import fingerprint
from gender_audio.separation.base import Mixture, Separator

NAMES = ("unet", "spleeter", "spleeter-package", "none")
"""Names of the separators."""
WEIGHTS = {"unet": "separator", "spleeter": "spleeter"}
"""Name of an embedded separator to the folder of its weights."""


def load(name: str) -> Separator:
    """A separator by its name.

    `unet` (the default) was trained here, `spleeter` has Deezer's weights, and `none` does not separate. All of them
    work anywhere. `spleeter-package` is Deezer's own package, where it is installed.

    Raises:
        ValueError: there is no such separator.
        SeparationError: Deezer's package is not installed, or only in part.
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
    if name == "spleeter-package":
        from gender_audio.separation.spleeter_package.separator import SpleeterPackage

        return SpleeterPackage.load()
    raise ValueError(f"There is no separator called {name!r}; choose {', '.join(NAMES)}.")


def separator_fingerprint(name: str) -> str:
    """Sixteen hex digits that name the weights and the feature of a separator; empty for one without weights.

    A card carries the fingerprint of the separator whose vocals the networks were trained on.
    """
    if name in WEIGHTS:
        from gender_audio import weights

        system = WEIGHTS[name]
        parts = {"feature": weights.card(system).fingerprint, "files": weights.fingerprint(system)}
        return fingerprint(name, parts)
    if name == "spleeter-package":
        from gender_audio.separation.spleeter_package.environment import Environment

        return Environment.default().fingerprint
    return ""
