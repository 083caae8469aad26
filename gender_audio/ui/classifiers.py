"""Loads the classifiers of the page: every system, and the singing system with Spleeter as its separator."""

from __future__ import annotations

from gender_audio.systems import registry
from gender_audio.systems.base import Classifier
from gender_audio.systems.labels import SINGING
from gender_audio.systems.singing import SingingClassifier

SPLEETER = "spleeter"
"""The singing system with Spleeter as its separator."""


def load() -> dict[str, Classifier]:
    """Load every classifier by its name.

    Raises:
        WeightsError: weights of a system are missing or damaged.
    """
    singing = SingingClassifier.load()
    systems = {name: singing if system is SINGING else registry.load(name) for name, system in registry.SYSTEMS.items()}
    return {**systems, SPLEETER: singing.with_separator(SPLEETER)}
