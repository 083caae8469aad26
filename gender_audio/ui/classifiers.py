"""Loads the classifiers of the page: every system, and variants of the singing system where they are available."""

from __future__ import annotations

import logging

from gender_audio.separation import SeparationError
from gender_audio.systems import registry
from gender_audio.systems.base import Classifier
from gender_audio.systems.labels import SINGING
from gender_audio.systems.singing import SingingClassifier

LOG = logging.getLogger(__name__)
SPLEETER = "spleeter"
"""The singing system with Spleeter as its separator."""
SPLEETER_HINT = "The operator of this page can see the reason with `python -m gender_audio spleeter status`."


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
    try:
        classifiers[SPLEETER] = singing.with_separator(SPLEETER)
    except SeparationError as error:
        # Logged only, because the message may name folders of this computer.
        LOG.warning("Spleeter is not available: %s", error)
        unavailable[SPLEETER] = SPLEETER_HINT
    return classifiers, unavailable
