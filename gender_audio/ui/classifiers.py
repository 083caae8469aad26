"""Loads the classifiers of the page: every system, and variants of the singing system where they are available."""

from __future__ import annotations

from gender_audio import weights
from gender_audio.systems import registry
from gender_audio.systems.base import Classifier
from gender_audio.systems.labels import SINGING, STUDENT
from gender_audio.systems.singing import SingingClassifier

SPLEETER = "spleeter"
"""The singing system with Spleeter as its separator."""


def load() -> tuple[dict[str, Classifier], dict[str, str]]:
    """Load every classifier. Returns name to classifier, and name to reason for those that are not available.

    Raises:
        WeightsError: weights of a system are missing or damaged.
    """
    singing = SingingClassifier.load()
    classifiers = {
        name: singing if system is SINGING else registry.load(name) for name, system in registry.SYSTEMS.items()
    }
    unavailable = {}
    if (weights.FOLDER / STUDENT).is_dir():
        classifiers[STUDENT] = SingingClassifier.load(members=STUDENT)
    else:
        unavailable[STUDENT] = "No student was distilled from these networks."
    classifiers[SPLEETER] = singing.with_separator(SPLEETER)
    return classifiers, unavailable
