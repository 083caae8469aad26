"""Names and labels of the systems. It imports no heavy package."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class System:
    """Describes one system.

    Attributes:
        name: name of the system, of its weights and of the choice on the command line.
        titles: label to the words shown for it, in the order that every array uses.
        voters: plural noun for its members, for example in "14 of 20 members agree".
        aliases: earlier names that are still accepted.
    """

    name: str
    titles: Mapping[str, str]
    voters: str
    aliases: tuple[str, ...] = ()

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels in the order that every array uses."""
        return tuple(self.titles)


SINGING = System(
    "singing",
    {
        "none": "No voice",
        "male": "One male-like voice",
        "female": "One female-like voice",
        "multiple": "More than one voice",
    },
    voters="members",
    aliases=("singer",),
)
SPEECH = {"male": "Male-like voice", "female": "Female-like voice"}
SPEECH_MFCC = System("speech-mfcc", SPEECH, voters="members", aliases=("speaker",))
SPEECH_MEL = System("speech-mel", SPEECH, voters="models", aliases=("voice",))
GENRE = System("genre", {"rock": "Rock", "other": "Not rock"}, voters="methods")
