"""The result of every system, and the protocol that they all follow."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from gender_audio.audio import Clip
from gender_audio.systems.labels import System

Progress = Callable[[float, str], None]
"""Called with the share of the work that is done, 0..1, and the name of the next step."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Verdict:
    """The result for one clip: s snippets, m members, k labels in the order of `system.labels`.

    Attributes:
        system: the system that classified the clip.
        clip: the clip as it was read.
        starts_s, ends_s: start and end of the snippets in seconds, float [s].
        snippet_probabilities: probabilities of the snippets, float32 [s, k]; those of `genre` are not calibrated.
        member_names: names of the members, [m].
        member_probabilities: probabilities of the clip by every member, not calibrated, float32 [m, k].
        probabilities: calibrated probabilities of the clip, float32 [k].
        uncertain: whether the system is not sure about the clip.
        notes: warnings about the way the clip was classified.
        silent_snippets: numbers of the snippets that are silent and have no label.
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
        """The most probable label of the clip."""
        return self.system.labels[int(self.probabilities.argmax())]

    @property
    def title(self) -> str:
        """The most probable label of the clip, in words."""
        return self.system.titles[self.label]

    @property
    def snippet_labels(self) -> list[str | None]:
        """The most probable label of every snippet; None for silence."""
        labels = enumerate(self.snippet_probabilities.argmax(1))
        return [None if number in self.silent_snippets else self.system.labels[label] for number, label in labels]

    @property
    def member_labels(self) -> list[str]:
        """The label that every member votes for."""
        return [self.system.labels[number] for number in self.member_probabilities.argmax(1)]

    @property
    def agreement(self) -> int:
        """The number of members that vote for the label of the clip."""
        return self.member_labels.count(self.label)

    @property
    def warnings(self) -> tuple[str, ...]:
        """Warnings about the clip, and about the way it was classified."""
        return self.clip.warnings + self.notes

    def by_label(self, probabilities: np.ndarray) -> dict[str, float]:
        """Label to probability, [k], rounded and ready for JSON."""
        return {label: round(float(value), 6) for label, value in zip(self.system.labels, probabilities, strict=True)}

    @property
    def extra_fields(self) -> dict[str, Any]:
        """Fields that only this system has, ready for JSON."""
        return {}


class Classifier(Protocol):
    """A system with its weights."""

    def __call__(self, clip: Clip, progress: Progress = ...) -> Verdict:
        """The verdict on a clip.

        Raises:
            Silent: the clip is silent, and the system has no label for silence.
        """
