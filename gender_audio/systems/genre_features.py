"""The features of the genre system: the inputs of all its methods, computed once for a song."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from gender_audio.atomic_write import atomic_write
from gender_audio.audio import Clip
from gender_audio.features.stack import Stack
from gender_audio.features.texture import Texture
from gender_audio.fingerprint import fingerprint
from gender_audio.systems.music_embedding import MusicEmbedding


@dataclass(frozen=True, eq=False)
class SongFeatures:
    """The features of a song: s snippets, f frames.

    Attributes:
        snippets: stacks of the snippets, float32 [s, 160, 216].
        song: stack of the song, float32 [160, f].
        statistics: means and distinct covariances of the song, float32 [8704].
        texture: float32 [205].
        tagger: means and standard deviations of the embedding of the music tagger, float32 [400].
        starts_s, ends_s: start and end of the snippets in the recording in seconds, float [s].
        duration_s: duration of the recording in seconds; only a baseline of the evaluation uses it.
    """

    snippets: np.ndarray
    song: np.ndarray
    statistics: np.ndarray
    texture: np.ndarray
    tagger: np.ndarray
    starts_s: np.ndarray
    ends_s: np.ndarray
    duration_s: float

    def save(self, path: Path) -> None:
        """Write the arrays, the large ones in half precision; an interruption leaves no incomplete file."""
        arrays: dict[str, Any] = {name: np.asarray(value) for name, value in vars(self).items()}
        arrays |= {name: arrays[name].astype(np.float16) for name in ("snippets", "song")}
        with atomic_write(path) as temporary, temporary.open("wb") as file:
            np.savez(file, **arrays)

    @classmethod
    def load(cls, path: Path) -> SongFeatures:
        """The features that `save` wrote, in the precision it wrote them."""
        with np.load(path) as arrays:
            return cls(**{name: arrays[name] for name in arrays.files})


@dataclass(frozen=True, eq=False)
class SongFeatureExtractor:
    """Computes the features of a song.

    Attributes:
        stack: the feature of snippets and songs.
        embedding: the music tagger.
    """

    stack: Stack
    embedding: MusicEmbedding

    @property
    def fingerprint(self) -> str:
        """Sixteen hex digits that name all features; a card carries them."""
        parts = {"texture": Texture(self.stack).fingerprint, "tagger": self.embedding.fingerprint}
        return fingerprint("heard", parts)

    def __call__(self, clip: Clip) -> SongFeatures:
        """The features of a clip without the silence at its start and end."""
        stack = self.stack
        samples = clip.mono(stack.rate)
        first, last = stack.bounds(samples)
        sound = samples[first:last]
        song = stack(sound)
        starts_s = (first + stack.windows.starts(len(sound), stack.rate)) / stack.rate
        rate = self.embedding.feature.rate
        start, end = (round(sample * rate / stack.rate) for sample in (first, last))
        return SongFeatures(
            snippets=np.stack([stack(snippet) for snippet in stack.cut(sound)]),
            song=song,
            statistics=stack.distinct(stack.statistics(song)),
            texture=Texture(stack)(song),
            tagger=self.embedding(clip.mono(rate)[start:end]),
            starts_s=starts_s,
            ends_s=np.minimum(starts_s + stack.length_s, last / stack.rate),
            duration_s=clip.duration_s,
        )
