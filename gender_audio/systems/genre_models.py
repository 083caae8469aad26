"""The methods of the genre system: networks on snippets with several aggregators, and networks on the whole song."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from gender_audio.models.genre_snippet import CNN1D, CNN2D
from gender_audio.models.genre_song import MLP, RBFSVM, SongCNN
from gender_audio.models.sequence import LSTM, Attention, LinearCell, Recurrent
from gender_audio.systems.aggregation import mean_probabilities, vote_shares
from gender_audio.systems.genre_features import SongFeatures
from gender_audio.systems.music_embedding import SIZE

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
"""Method to its name in words. Except for `vote`, `mean` and `together`, a method has networks of its own."""

COMBINED = ("texture", "tagger")
"""The methods that `together` averages: balanced accuracy above 0.8 out of fold. Adding `line` or `song` lowers it."""

AGGREGATORS = ("rnn", "lstm", "attention")
"""The methods whose networks take the snippet probabilities of the CNN-FCN."""


@dataclass(frozen=True)
class NetworkSizes:
    """Sizes of the networks; a card carries them. `picture` is the CNN-FCN."""

    picture: int = 8
    line: tuple[int, ...] = (32, 32, 64, 64, 96, 96)
    pools: tuple[int, ...] = (5, 5, 2, 2, 1)
    statistics: tuple[int, ...] = (8_704, 32, 16, 2)
    rnn: int = 3
    lstm: int = 5
    attention: int = 8

    def build(self, name: str, svm: Mapping[str, Any] | None = None) -> nn.Module:
        """The network of that name with random weights; `svm` are the arguments of `RBFSVM`, for `texture`."""
        builders = {
            "picture": lambda: CNN2D(self.picture),
            "line": lambda: CNN1D(widths=tuple(self.line)),
            "song": lambda: SongCNN(pools=tuple(self.pools)),
            "statistics": lambda: nn.Sequential(nn.BatchNorm1d(self.statistics[0]), MLP(tuple(self.statistics), 0.5)),
            "texture": lambda: RBFSVM(**(svm or {})),
            "tagger": lambda: nn.Linear(SIZE, 2),
            "rnn": lambda: Recurrent(LinearCell, 2, self.rnn, 2),
            "lstm": lambda: Recurrent(LSTM, 2, self.lstm, 2),
            "attention": lambda: Attention(2, self.attention, 2),
        }
        return builders[name]()

    @property
    def arguments(self) -> dict[str, Any]:
        """The sizes, ready for a card."""
        return asdict(self)


class GenreModels:
    """The networks of all methods: one of each for every fold of the songs that they were trained on.

    Args:
        networks: `picture`, `line`, `song`, `statistics`, `texture`, `tagger` and the aggregators, one entry per fold.
    """

    def __init__(self, networks: Mapping[str, nn.ModuleList]) -> None:
        self.networks = {name: folds.eval() for name, folds in networks.items()}

    def __call__(
        self, features: SongFeatures, fold: int | None = None, snippets: np.ndarray | None = None
    ) -> dict[str, np.ndarray]:
        """The probabilities of a song by every method, float32 [2] each.

        Args:
            fold: use the networks of this fold; by default the mean over all folds.
            snippets: the result of `snippet_probabilities`, if it is known.
        """
        if snippets is None:
            snippets = self.snippet_probabilities(features, fold)
        stacks, song = torch.from_numpy(features.snippets).float(), torch.from_numpy(features.song).float()[None]
        probabilities = {
            "vote": vote_shares(snippets),
            "mean": mean_probabilities(snippets),
            "line": vote_shares(self._predict("line", fold, stacks)),
            "song": self._predict("song", fold, song, torch.tensor([song.shape[2]]))[0],
        }
        sequence, length = torch.from_numpy(snippets)[None], torch.tensor([len(snippets)])
        for name in AGGREGATORS:
            probabilities[name] = self._predict(name, fold, sequence, length)[0]
        for name in ("statistics", "texture", "tagger"):
            vector = torch.from_numpy(getattr(features, name)).float()[None]
            probabilities[name] = self._predict(name, fold, vector)[0]
        probabilities["together"] = np.mean([probabilities[name] for name in COMBINED], 0)
        return {name: probabilities[name].astype(np.float32) for name in METHODS}

    def snippet_probabilities(self, features: SongFeatures, fold: int | None = None) -> np.ndarray:
        """The probabilities of the snippets by the CNN-FCN of one fold, or by the mean over all: float32 [s, 2]."""
        return self._predict("picture", fold, torch.from_numpy(features.snippets).float())

    @torch.inference_mode()
    def _predict(self, name: str, fold: int | None, *inputs: Tensor) -> np.ndarray:
        folds = self.networks[name]
        networks = folds if fold is None else folds[fold : fold + 1]
        return torch.stack([network(*inputs).softmax(-1) for network in networks]).mean(0).numpy()
