"""Loads the classifiers of the page: every system, and the singing system with Spleeter as its separator."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from gender_audio.live import LiveClassifier
from gender_audio.systems import registry
from gender_audio.systems.base import Classifier
from gender_audio.systems.labels import SINGING
from gender_audio.systems.singing import SingingClassifier

SPLEETER = "spleeter"
"""The singing system with Spleeter as its separator."""


LIVE_MEMBERS = (20, 10, 5)
"""Numbers of members that the live tab asks, from a fast machine to a slow one."""


@runtime_checkable
class HasMembers(Protocol):
    """A classifier that can ask some of its members only."""

    def with_members(self, members: int) -> Classifier:
        """A classifier that asks only the first members."""


def live(singing: Classifier) -> LiveClassifier:
    """The classifier of the live tab; it shares the networks of the singing system."""
    if not isinstance(singing, HasMembers):
        raise TypeError("The live tab needs a system with members.")
    return LiveClassifier([singing.with_members(members) for members in LIVE_MEMBERS], LIVE_MEMBERS)


def load() -> dict[str, Classifier]:
    """Load every classifier by its name.

    Raises:
        WeightsError: weights of a system are missing or damaged.
    """
    singing = SingingClassifier.load()
    systems = {name: singing if system is SINGING else registry.load(name) for name, system in registry.SYSTEMS.items()}
    return {**systems, SPLEETER: singing.with_separator(SPLEETER)}
