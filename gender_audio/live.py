"""Listening while somebody sings: the last three seconds of a stream, and verdicts that keep up with it."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from gender_audio.audio import Clip
from gender_audio.systems.base import Classifier, Verdict

RATE = 16_000
WINDOW_S, SHORTEST_S = 3.0, 1.0
PERIOD_S = 0.1
"""Shortest time between the end of one verdict and the next one: enough to hear all chunks that waited meanwhile."""
BUDGET_S = 0.4
"""A verdict that takes longer is too slow for two verdicts a second."""
SILENT_DB = -60.0


class Listener:
    """The last `WINDOW_S` of one stream.

    Args:
        clock: seconds that never go back.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._samples: np.ndarray = np.zeros(0, np.float32)
        self._free_at = -np.inf
        self.level_db = -np.inf

    def hear(self, chunk: Clip) -> None:
        """Add the next part of the stream, of any length, rate and number of channels."""
        samples = chunk.mono(RATE)
        if samples.size:
            self.level_db = float(10 * np.log10(np.mean(np.square(samples)) + 1e-12))
        self._samples = np.concatenate([self._samples, samples])[-round(WINDOW_S * RATE) :]

    @property
    def window(self) -> Clip:
        """What was heard last, at most `WINDOW_S`."""
        return Clip(self._samples[None], RATE)

    def ready(self) -> bool:
        """Whether a verdict is due: enough was heard, and the last verdict was not just now.

        Of chunks that waited for a verdict, only the last one gets a verdict of its own.
        """
        return self.window.duration_s >= SHORTEST_S and self._clock() >= self._free_at

    def finish(self) -> None:
        """Note that a verdict was given now."""
        self._free_at = self._clock() + PERIOD_S


@dataclass(frozen=True, eq=False)
class LiveVerdict:
    """A verdict on a window, and how it was made.

    Attributes:
        seconds: that it took.
        members, of: number of members that were asked, and that there are.
    """

    verdict: Verdict
    seconds: float
    members: int
    of: int


class LiveClassifier:
    """Asks as many members as keep up with the sound; once they are too slow, fewer are asked from then on.

    Args:
        classifiers: from the most members to the fewest.
        members: the number of members of each.
    """

    def __init__(
        self, classifiers: Sequence[Classifier], members: Sequence[int], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._classifiers = list(zip(classifiers, members, strict=True))
        self._clock = clock
        self._slow = 0
        self._of = members[0]

    def __call__(self, clip: Clip) -> LiveVerdict:
        """The verdict on a clip."""
        classifier, members = self._classifiers[0]
        start = self._clock()
        verdict = classifier(clip)
        seconds = self._clock() - start
        self._slow = self._slow + 1 if seconds > BUDGET_S else 0
        if self._slow >= 3 and len(self._classifiers) > 1:
            self._classifiers.pop(0)
            self._slow = 0
        return LiveVerdict(verdict, seconds, members, self._of)
