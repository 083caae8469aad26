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


@dataclass(frozen=True)
class Segment:
    """A part of a clip with one label; `probability` is the mean probability of that label.

    Silence has the label None and probability 0.
    """

    start_s: float
    end_s: float
    label: str | None
    probability: float


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
    def segments(self) -> list[Segment]:
        """Consecutive snippets with the same label, from the first snippet to the last without gaps or overlaps.

        Snippets overlap; where the label changes, the border lies halfway between the middles of both snippets.
        """
        middles = (self.starts_s + self.ends_s) / 2
        edges = np.concatenate([self.starts_s[:1], (middles[1:] + middles[:-1]) / 2, self.ends_s[-1:]])
        labels = self.snippet_labels
        changes = [i for i in range(1, len(labels)) if labels[i] != labels[i - 1]]
        merged = []
        for first, end in zip([0, *changes], [*changes, len(labels)], strict=True):
            label = labels[first]
            of_label = self.snippet_probabilities[first:end, self.system.labels.index(label)] if label else np.zeros(1)
            merged.append(Segment(float(edges[first]), float(edges[end]), label, float(of_label.mean())))
        return merged

    @property
    def shares(self) -> dict[str, float]:
        """Share of the clip that each label takes, 0..1; the rest is silence."""
        shares = dict.fromkeys(self.system.labels, 0.0)
        for segment in self.segments:
            if segment.label:
                shares[segment.label] += (segment.end_s - segment.start_s) / self.clip.duration_s
        return shares

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
