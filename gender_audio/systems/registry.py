"""Finds and loads a system by its name; each one is imported when it is first loaded."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gender_audio.systems.base import Classifier
from gender_audio.systems.labels import GENRE, SINGING, SPEECH_MEL, SPEECH_MFCC, System

SYSTEMS = {system.name: system for system in (SINGING, SPEECH_MFCC, SPEECH_MEL, GENRE)}
"""Name to system."""


def find_system(name: str) -> System:
    """The system with this name or alias.

    Raises:
        ValueError: there is no such system.
    """
    for system in SYSTEMS.values():
        if name in (system.name, *system.aliases):
            return system
    raise ValueError(f"There is no system called {name!r}; choose {', '.join(SYSTEMS)}.")


def load(name: str, **options: Any) -> Classifier:
    """A system with the weights of the repository.

    Args:
        name: name or alias of the system.
        options: `separator` and `members` of `singing`, `variant` of `speech-mfcc`.

    Raises:
        ValueError: there is no such system, or an option has a value that does not exist.
        TypeError: the system does not have this option.
        SeparationError: Deezer's package is not installed.
        WeightsError: the weights are missing or damaged.
    """
    return LOADERS[find_system(name).name](**options)


def load_singing(**options: Any) -> Classifier:
    """The singing system."""
    from gender_audio.systems.singing import SingingClassifier

    return SingingClassifier.load(**options)


def load_speech_mfcc(**options: Any) -> Classifier:
    """The speech system on MFCC."""
    from gender_audio.systems.speech_mfcc import MfccSpeechClassifier

    return MfccSpeechClassifier.load(**options)


def load_speech_mel(**options: Any) -> Classifier:
    """The speech system on mel images."""
    from gender_audio.systems.speech_mel import MelSpeechClassifier

    return MelSpeechClassifier.load(**options)


def load_genre(**options: Any) -> Classifier:
    """The genre system."""
    from gender_audio.systems.genre import GenreClassifier

    return GenreClassifier.load(**options)


LOADERS: dict[str, Callable[..., Classifier]] = {
    SINGING.name: load_singing,
    SPEECH_MFCC.name: load_speech_mfcc,
    SPEECH_MEL.name: load_speech_mel,
    GENRE.name: load_genre,
}
