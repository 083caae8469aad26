"""The systems: what each is called, what it can answer, and what loads it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gender_audio.systems.base import Classifier


@dataclass(frozen=True)
class System:
    """One row of the register.

    Attributes:
        name: of the system, of its weights and of the choice on the command line.
        titles: label to the words it is shown with, in the order every array uses.
        voters: what its members are called where they are counted.
        listener: module and class whose `load` brings the system with the weights of the repository.
    """

    name: str
    titles: Mapping[str, str]
    voters: str
    listener: str

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels in the order every array uses."""
        return tuple(self.titles)

    def load(self, **options: Any) -> Classifier:
        """The system, ready to listen.

        Raises:
            ValueError: an option asks for something that is not there.
            WeightsError: the weights are missing or damaged.
        """
        module, name = self.listener.split(":")
        loaded: Classifier = getattr(import_module(module), name).load(**options)
        return loaded


SINGING = System(
    "singing",
    {
        "none": "No voice",
        "male": "One male-like voice",
        "female": "One female-like voice",
        "multiple": "More than one voice",
    },
    voters="members",
    listener="gender_audio.systems.singing:SingingClassifier",
)
SPEECH = {"male": "Male-like voice", "female": "Female-like voice"}
SPEECH_MFCC = System(
    "speech-mfcc", SPEECH, voters="members", listener="gender_audio.systems.speech_mfcc:MfccSpeechClassifier"
)
SPEECH_MEL = System(
    "speech-mel", SPEECH, voters="models", listener="gender_audio.systems.speech_mel:MelSpeechClassifier"
)
GENRE = System(
    "genre",
    {"rock": "Rock", "other": "Not rock"},
    voters="methods",
    listener="gender_audio.systems.genre:GenreClassifier",
)
SYSTEMS = {system.name: system for system in (SINGING, SPEECH_MFCC, SPEECH_MEL, GENRE)}

STUDENT = "student"
"""Asks for the one network that all members of the singer system taught, instead of a number of them."""

OLD_NAMES = {"singer": SINGING.name, "speaker": SPEECH_MFCC.name, "voice": SPEECH_MEL.name}
"""Former name to name, for command lines and API calls written for earlier versions."""
