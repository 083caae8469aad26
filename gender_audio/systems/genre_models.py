"""Every way from a song to its genre: networks on snippets with their aggregators, and on the whole song."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from gender_audio.atomic_write import atomic_write
from gender_audio.audio import Clip
from gender_audio.features.stack import Stack
from gender_audio.features.texture import Texture
from gender_audio.fingerprint import fingerprint
from gender_audio.models.genre_snippet import CNN1D, CNN2D
from gender_audio.models.genre_song import MLP, RBFSVM, SongCNN
from gender_audio.models.sequence import LSTM, Attention, LinearCell, Recurrent
from gender_audio.systems import aggregation as song
from gender_audio.systems.music_embedding import SIZE, MusicEmbedding

METHODS = {
    "vote": "CNN-FCN, vote",
    "mean": "CNN-FCN, mean",
    "rnn": "CNN-FCN, RNN",
    "lstm": "CNN-FCN, LSTM",
    "attention": "CNN-FCN, attention",
    "line": "Deep 1D-CNN, vote",
    "song": "1D-CNN, whole song",
    "statistics": "FC-FD, mean and covariance",
    "texture": "SVM, texture",
    "tagger": "Music tagger, logistic regression",
    "together": "SVM and tagger together",
}
KINDS = ("texture", "tagger")
"""The methods whose mean is `together`: those above 0.8 out of fold; the next, `line` and `song`, made it worse."""

AGGREGATORS = ("rnn", "lstm", "attention")


@dataclass(frozen=True, eq=False)
class SongFeatures:
    """What the methods hear of a song: s snippets, f frames.

    Attributes:
        snippets: stacks of the snippets, float32 [s, 160, 216].
        song: stack of the song, float32 [160, f].
        statistics: its distinct means and covariances, float32 [8704].
        texture: float32 [205].
        tagger: means and deviations of the music tagger's embedding, float32 [400].
        starts_s, ends_s: the snippets' bounds in the recording in seconds, float [s].
        duration_s: of the recording; only the baseline may look at it.
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
        """Keep the arrays, the large ones in half precision; an interruption leaves nothing half written."""
        arrays: dict[str, Any] = {name: np.asarray(value) for name, value in vars(self).items()}
        arrays |= {name: arrays[name].astype(np.float16) for name in ("snippets", "song")}
        with atomic_write(path) as made, made.open("wb") as file:
            np.savez(file, **arrays)

    @classmethod
    def load(cls, path: Path) -> SongFeatures:
        """What was saved, as it was saved."""
        with np.load(path) as arrays:
            return cls(**{name: arrays[name] for name in arrays.files})


@dataclass(frozen=True, eq=False)
class SongFeatureExtractor:
    """What turns a clip into all that the methods hear of it."""

    feature: Stack
    tagging: MusicEmbedding

    @property
    def fingerprint(self) -> str:
        """Sixteen hex digits that name all of it; a card carries them, and weights serve no other."""
        return fingerprint("heard", {"texture": Texture(self.feature).fingerprint, "tagger": self.tagging.fingerprint})

    def __call__(self, clip: Clip) -> SongFeatures:
        """Everything the methods hear of a clip; silence at its ends is left out."""
        feature, tagging = self.feature, self.tagging
        samples = clip.mono(feature.rate)
        first, last = feature.bounds(samples)
        sound = samples[first:last]
        whole = feature(sound)
        starts_s = (first + feature.windows.starts(len(sound), feature.rate)) / feature.rate
        start, end = (round(sample * tagging.feature.rate / feature.rate) for sample in (first, last))
        return SongFeatures(
            snippets=np.stack([feature(snippet) for snippet in feature.cut(sound)]),
            song=whole,
            statistics=feature.distinct(feature.statistics(whole)),
            texture=Texture(feature)(whole),
            tagger=tagging(clip.mono(tagging.feature.rate)[start:end]),
            starts_s=starts_s,
            ends_s=np.minimum(starts_s + feature.length_s, last / feature.rate),
            duration_s=clip.duration_s,
        )


@dataclass(frozen=True)
class NetworkSizes:
    """What the networks of all methods are made of; a card carries it."""

    picture: int = 8
    line: tuple[int, ...] = (32, 32, 64, 64, 96, 96)
    pools: tuple[int, ...] = (5, 5, 2, 2, 1)
    statistics: tuple[int, ...] = (8_704, 32, 16, 2)
    rnn: int = 3
    lstm: int = 5
    attention: int = 8

    def build(self, name: str, vectors: Mapping[str, Any] | None = None) -> nn.Module:
        """The network of that name with random weights; `vectors` are the arguments of the SVM."""
        makers = {
            "picture": lambda: CNN2D(self.picture),
            "line": lambda: CNN1D(widths=tuple(self.line)),
            "song": lambda: SongCNN(pools=tuple(self.pools)),
            "statistics": lambda: nn.Sequential(nn.BatchNorm1d(self.statistics[0]), MLP(tuple(self.statistics), 0.5)),
            "texture": lambda: RBFSVM(**(vectors or {})),
            "tagger": lambda: nn.Linear(SIZE, 2),
            "rnn": lambda: Recurrent(LinearCell, 2, self.rnn, 2),
            "lstm": lambda: Recurrent(LSTM, 2, self.lstm, 2),
            "attention": lambda: Attention(2, self.attention, 2),
        }
        return makers[name]()

    @property
    def arguments(self) -> dict[str, Any]:
        """Ready for a card."""
        return asdict(self)


class GenreModels:
    """The networks behind every method, several of each: one for each fold of the songs they learnt from.

    Args:
        networks: `picture`, `line`, `song`, `statistics`, `texture`, `tagger` and the aggregators to a list each.
    """

    def __init__(self, networks: Mapping[str, nn.ModuleList]) -> None:
        self.networks = {name: several.eval() for name, several in networks.items()}

    def snippets(self, heard: SongFeatures, fold: int | None = None) -> np.ndarray:
        """Probabilities of the snippets by the CNN-FCN, float32 [s, 2]; of one fold's network, or the mean of all."""
        return self._ask("picture", fold, torch.from_numpy(heard.snippets).float())

    def __call__(self, heard: SongFeatures, fold: int | None = None) -> dict[str, np.ndarray]:
        """Every method's probabilities of the song, float32 [2]; by one fold's networks, or the mean of all."""
        return self.answers(heard, self.snippets(heard, fold), fold)

    def answers(self, heard: SongFeatures, snippets: np.ndarray, fold: int | None = None) -> dict[str, np.ndarray]:
        """The same, where the CNN-FCN has been asked about the snippets already."""
        answers = {"vote": song.vote_shares(snippets), "mean": song.mean_probabilities(snippets)}
        sequence, length = torch.from_numpy(snippets)[None], torch.tensor([len(snippets)])
        for name in AGGREGATORS:
            answers[name] = self._ask(name, fold, sequence, length)[0]
        answers["line"] = song.vote_shares(self._ask("line", fold, torch.from_numpy(heard.snippets).float()))
        whole = torch.from_numpy(heard.song).float()[None]
        answers["song"] = self._ask("song", fold, whole, torch.tensor([whole.shape[2]]))[0]
        for name in ("statistics", "texture", "tagger"):
            answers[name] = self._ask(name, fold, torch.from_numpy(getattr(heard, name)).float()[None])[0]
        answers["together"] = np.mean([answers[name] for name in KINDS], 0)
        return {name: answers[name].astype(np.float32) for name in METHODS}

    @torch.inference_mode()
    def _ask(self, name: str, fold: int | None, *inputs: Tensor) -> np.ndarray:
        networks = self.networks[name]
        asked = networks if fold is None else networks[fold : fold + 1]
        return torch.stack([network(*inputs).softmax(-1) for network in asked]).mean(0).numpy()
