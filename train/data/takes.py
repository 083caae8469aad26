"""Which take of a library is heard next, and from where: voices, accompaniments and songs, balanced by corpus."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import TypeVar

import numpy as np

from train.data.library import Library, Take
from train.data.readers.manifest import VOICED_KINDS
from train.data.remix import LENGTH
from train.data.synthesis import mbrola, midi, psola
from train.data.voice_activity import FRAME, voiced_starts

ACCOMPANIMENT_WEIGHTS = {"mir1k": 6.0, midi.DATASET: 6.0}
"""How often accompaniments are drawn from a corpus; 1 from any other."""
SYNTHESISED_WEIGHTS = {mbrola.DATASET: 3.0, psola.DATASET: 3.0}
"""How often voices are drawn from a synthesised data set. Nine singers of a corpus have the same weight."""
ENOUGH = 20 * 16_000
"""Samples of a singer that count as one singer; one with less counts less."""
OPPOSITE = {"male": "female", "female": "male"}

T = TypeVar("T")
Cut = tuple[Take, int]
"""A take, and the first sample of the three seconds."""


class Takes:
    """Draws takes of a library.

    Attributes:
        songs: label to artist to takes of songs; those of several voices may also be singing without accompaniment.
    """

    def __init__(self, library: Library) -> None:
        self.library = library
        self.songs: dict[str, dict[str, list[Take]]] = defaultdict(lambda: defaultdict(list))
        self._accompaniments: dict[str, list[Take]] = defaultdict(list)
        self._by_path: dict[str, list[Take]] = defaultdict(list)
        self._voices: dict[tuple[str, str], dict[str, dict[str, list[Take]]]] = defaultdict(
            lambda: defaultdict(lambda: defaultdict(list))
        )
        self._starts: dict[Take, np.ndarray] = {}
        for take in library.takes:
            self._add(take)
        self._weights = {key: _voice_weights(corpora) for key, corpora in self._voices.items()}

    def _add(self, take: Take) -> None:
        source = take.source
        self._by_path[source.path].append(take)
        if source.kind == "accompaniment":
            self._accompaniments[source.dataset].append(take)
            return
        if source.voice in OPPOSITE and source.kind in VOICED_KINDS:
            for voice in (source.voice, "any"):
                self._voices[source.kind, voice][source.dataset][source.singer_id].append(take)
            return
        if source.kind == "song" and source.voice != "none":
            self._starts[take] = voiced_starts(self.library.vocal_power(take), LENGTH // FRAME)
        if take not in self._starts or len(self._starts[take]):
            self.songs[source.voice][source.group].append(take)

    def voice(self, rng: np.random.Generator, kind: str, voice: str, other_than: str = "") -> Cut:
        """A voice of a kind: `male`, `female` or `any`. It is of another group than `other_than`."""
        corpora = self._voices[kind, voice]
        names = list(corpora)
        while True:
            singers = corpora[names[rng.choice(len(names), p=self._weights[kind, voice])]]
            take = _any(rng, _any(rng, list(singers.values())))
            if take.source.group != other_than:
                return take, self.start(rng, take)

    def choir_singer(self, rng: np.random.Generator) -> Cut:
        """A singer of the choir. There must be one, see `has_choir`."""
        take = _any(rng, _any(rng, list(self._voices["singing", "any"]["choral"].values())))
        return take, self.start(rng, take)

    @property
    def has_choir(self) -> bool:
        """Whether there are two singers of the choir."""
        return len(self._voices["singing", "any"].get("choral", ())) > 1

    def other_singer(self, rng: np.random.Generator, first: Take) -> Cut:
        """Another person who sings or speaks, too, half of the time with the same kind of voice."""
        kind, group = first.source.kind, first.source.group
        same = first.source.voice
        voice = same if rng.random() < 0.5 else OPPOSITE[same]
        return self.voice(rng, kind, voice if self._groups(kind, voice) - {group} else "any", other_than=group)

    def _groups(self, kind: str, voice: str) -> set[str]:
        return {
            takes[0].source.group
            for singers in self._voices.get((kind, voice), {}).values()
            for takes in singers.values()
        }

    def same_moment(self, rng: np.random.Generator, take: Take, start: int) -> Cut | None:
        """Another singer of the choir of a take at the same moment, or None if nobody else was recorded then."""
        singers = self._voices[take.source.kind, "any"][take.source.dataset]
        others = [name for name in singers if name != take.source.singer_id]
        if not others:
            return None
        for other in singers[others[rng.integers(len(others))]]:
            if other.speed == take.speed and other.length >= start + LENGTH:
                return other, start
        return None

    def backing_of(self, take: Take, start: int) -> Cut | None:
        """The accompaniment that a MIR-1K singer heard at this moment, if it is in the library."""
        for backing in self._by_path.get(take.source.path.replace("voice/", "accompaniment/"), ()):
            at = round(start * take.speed / backing.speed)
            if backing.speed == 1.0 and at < backing.length - LENGTH // 4:
                return backing, at
        return None

    def accompaniment(self, rng: np.random.Generator, equal: bool = False) -> Cut:
        """An accompaniment, from the corpora by their weights, or from all equally."""
        names = list(self._accompaniments)
        weights = np.array([1.0 if equal else ACCOMPANIMENT_WEIGHTS.get(name, 1.0) for name in names])
        take = _any(rng, self._accompaniments[names[rng.choice(len(names), p=weights / weights.sum())]])
        return take, self.start(rng, take)

    def song(self, rng: np.random.Generator, label: str) -> Cut:
        """Three seconds of a song with a label, in which the voice is heard. Artists are equally frequent."""
        take = _any(rng, _any(rng, list(self.songs[label].values())))
        return take, self.start(rng, take)

    def start(self, rng: np.random.Generator, take: Take) -> int:
        """A start in samples. At least half of the three seconds from there are audible, if the take allows it."""
        if take not in self._starts:
            self._starts[take] = _audible_starts(self.library.cut(take, 0, take.length))
        starts = self._starts[take]
        return int(starts[rng.integers(len(starts))]) * FRAME


def _audible_starts(samples: np.ndarray) -> np.ndarray:
    power = np.mean(np.square(samples[: len(samples) // FRAME * FRAME].reshape(-1, FRAME)), 1)
    audible = np.cumsum(np.concatenate([[0], power > 1e-3 * np.quantile(power, 0.95)]))
    ends = np.minimum(np.arange(len(power)) + LENGTH // FRAME, len(power))
    share = (audible[ends] - audible[:-1]) / (LENGTH // FRAME)
    fits = np.arange(len(power)) <= max(0, len(power) - LENGTH // FRAME)
    enough = np.flatnonzero(fits & (share >= 0.5))
    return enough if len(enough) else np.flatnonzero(fits & (share == share[fits].max()))


def _voice_weights(corpora: dict[str, dict[str, list[Take]]]) -> np.ndarray:
    """Share of each corpus, [corpora]: the square root of the number of its singers."""
    weights = []
    for name, singers in corpora.items():
        lengths = [sum(take.length for take in takes if take.speed == 1.0) for takes in singers.values()]
        weights.append(SYNTHESISED_WEIGHTS.get(name, sum(min(1.0, length / ENOUGH) for length in lengths) ** 0.5))
    return np.array(weights) / sum(weights)


def _any(rng: np.random.Generator, choices: Sequence[T]) -> T:
    return choices[int(rng.integers(len(choices)))]
