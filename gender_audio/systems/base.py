"""What a system says of a clip, the same for every system."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from gender_audio.audio import Clip
from gender_audio.systems.labels import System

Progress = Callable[[float, str], None]


@dataclass(frozen=True, eq=False, kw_only=True)
class Verdict:
    """What was heard in one clip: s snippets, m members, k labels in the order of `system.labels`.

    Attributes:
        system: who says so.
        clip: the clip as it was read.
        starts_s, ends_s: the snippets' bounds in seconds, float [s].
        snippet_probabilities: probabilities of the snippets, float32 [s, k]; those of `genre` are not calibrated.
        member_names: of the members, [m].
        member_probabilities: probabilities of every member for the clip, float32 [m, k].
        probabilities: calibrated probabilities of the clip, float32 [k].
        uncertain: whether the system is not sure about the clip.
        notes: what was odd about the way it was heard.
        silent_snippets: numbers of the snippets without any sound, of which nothing can be said.
    """

    system: System
    clip: Clip
    starts_s: np.ndarray
    ends_s: np.ndarray
    snippet_probabilities: np.ndarray
    member_names: tuple[str, ...]
    member_probabilities: np.ndarray
    probabilities: np.ndarray
    uncertain: bool
    notes: tuple[str, ...] = ()
    silent_snippets: frozenset[int] = frozenset()

    @property
    def label(self) -> str:
        """The likeliest label of the clip."""
        return self.system.labels[int(self.probabilities.argmax())]

    @property
    def title(self) -> str:
        """The likeliest label of the clip, in words."""
        return self.system.titles[self.label]

    @property
    def snippet_labels(self) -> list[str | None]:
        """The likeliest label of every snippet; None of silence."""
        likeliest = enumerate(self.snippet_probabilities.argmax(1))
        return [None if number in self.silent_snippets else self.system.labels[label] for number, label in likeliest]

    @property
    def member_labels(self) -> list[str]:
        """The label that every member votes for."""
        return [self.system.labels[number] for number in self.member_probabilities.argmax(1)]

    @property
    def agreement(self) -> int:
        """How many members vote for the verdict."""
        return self.member_labels.count(self.label)

    @property
    def votes(self) -> str:
        """The same in words."""
        if len(self.member_probabilities) == 1:
            return "One network alone decided"
        return f"{self.agreement} of {len(self.member_probabilities)} {self.system.voters} agree"

    @property
    def grounds(self) -> str:
        """The votes, and the probability of the verdict with whose it is, as a sentence."""
        share = f"{self.probabilities.max():.0%}"
        return (
            f"{self.votes}, with {share}."
            if len(self.member_probabilities) == 1
            else f"{self.votes}; {self.judges} it {share}."
        )

    @property
    def judges(self) -> str:
        """Who gives the verdict its probability, in words."""
        return "together they give"

    @property
    def warnings(self) -> tuple[str, ...]:
        """What was odd about the clip, or about the way it was heard."""
        return self.clip.warnings + self.notes

    @property
    def aside(self) -> str:
        """A sentence beside the verdict that has no part in it, or nothing."""
        return ""

    @property
    def extra_fields(self) -> dict[str, Any]:
        """What only this system knows, ready for JSON."""
        return {}


class Classifier(Protocol):
    """A system that is ready to listen."""

    def __call__(self, clip: Clip, progress: Progress = ...) -> Verdict:
        """The verdict on a clip; `progress` is told the share that is done and what comes next."""
