"""Who listens on the page: every system, and what else the singing tab offers where it is there."""

from __future__ import annotations

import logging

from gender_audio import weights
from gender_audio.separation import SeparationError
from gender_audio.systems import registry
from gender_audio.systems.base import Classifier
from gender_audio.systems.labels import SINGING, STUDENT
from gender_audio.systems.singing import SingingClassifier

LOG = logging.getLogger(__name__)
SPLEETER = "spleeter"
"""The members of the singer system, behind Spleeter."""
SPLEETER_HINT = "Whoever runs this page learns why from `python -m gender_audio spleeter status`."


def load() -> tuple[dict[str, Classifier], dict[str, str]]:
    """Name to listener with the weights of the repository; and name to the reason, for those that cannot be offered.

    Raises:
        WeightsError: weights of a system are missing or damaged.
    """
    singer = SingingClassifier.load()
    listeners = {
        name: singer if system is SINGING else registry.load(name) for name, system in registry.SYSTEMS.items()
    }
    absent = {}
    if (weights.FOLDER / STUDENT).is_dir():
        listeners[STUDENT] = SingingClassifier.load(members=STUDENT)
    else:
        absent[STUDENT] = "These members have not taught one."
    try:
        listeners[SPLEETER] = singer.with_separator(SPLEETER)
    except SeparationError as error:
        # Not for visitors: it may name folders of this computer.
        LOG.warning("Spleeter is not offered: %s", error)
        absent[SPLEETER] = SPLEETER_HINT
    return listeners, absent
