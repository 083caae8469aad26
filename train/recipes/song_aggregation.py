"""Ways to get the label of a song from its snippets, as system D compared them: rules, and networks that learn it.

The networks are trained on songs by singers that no member of the ensemble heard, in folds.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch
from torch import nn

from gender_audio.models.sequence import LSTM, Attention, LinearCell, Recurrent
from gender_audio.systems.aggregation import mean_probabilities, song_probabilities, vote_shares
from gender_audio.systems.timeline import LABELS
from train.data.heard_songs import HeardSong, hear_songs
from train.recipes.crossfit import Rows, TrainingConfig, predict, train_folds
from train.recipes.timeline import Recipe
from train.run_records import key

FOLDS = 5
SERVED = "presence and kind"
"""The rule that the application uses."""


def duration_weighted_mean(song: HeardSong) -> np.ndarray:
    """The mean of the snippets, each weighted by the time that is nearest to its middle, [4]."""
    middles = (song.starts_s + song.ends_s) / 2
    edges = np.concatenate([song.starts_s[:1], (middles[1:] + middles[:-1]) / 2, song.ends_s[-1:]])
    mean: np.ndarray = np.average(song.snippets, axis=0, weights=np.diff(edges))
    return mean


RULES: dict[str, Callable[[HeardSong], np.ndarray]] = {
    "majority vote": lambda song: vote_shares(song.snippets),
    "mean": lambda song: mean_probabilities(song.snippets),
    "mean weighted by duration": duration_weighted_mean,
    "presence and kind": lambda song: song_probabilities(song.snippets),
}
"""Name to a function from a song to the probabilities of its labels, [4]."""
NETWORKS: dict[str, Callable[[], nn.Module]] = {
    "RNN": partial(Recurrent, LinearCell, LABELS, 4, LABELS),
    "LSTM": partial(Recurrent, LSTM, LABELS, 8, LABELS),
    "attention": partial(Attention, LABELS, 8, LABELS),
}
"""Name to a function that builds the network; none of them knows the length of a song."""


@dataclass(frozen=True)
class Aggregators:
    """All ways to aggregate: name to a function from songs to probabilities [n, 4]."""

    networks: dict[str, nn.ModuleList]

    def __call__(self, songs: Sequence[HeardSong]) -> dict[str, np.ndarray]:
        """Probabilities of songs by every rule, and by the mean of the networks of all folds."""
        rules = {name: np.stack([rule(song) for song in songs]) for name, rule in RULES.items()}
        inputs = _inputs(songs)
        learnt = {
            name: np.mean([predict(network, inputs).softmax(1).numpy() for network in folds], 0)
            for name, folds in self.networks.items()
        }
        return rules | learnt


def train(recipe: Recipe) -> Aggregators:
    """Train the networks on the songs that the timeline is fitted to, or load their finished runs."""
    songs, seed = hear_songs(recipe.training_set), recipe.seed
    runs = recipe.training_set.folder / f"aggregators-{key(recipe.aggregation, len(songs))}"
    folds = np.random.default_rng(seed).permutation(len(songs)) % FOLDS
    rows = Rows(_inputs(songs), torch.tensor([int(song.label) for song in songs]), folds)
    return Aggregators(
        {
            name: train_folds(TrainingConfig(build, recipe.aggregation), rows, FOLDS, runs / name, seed).eval()
            for name, build in NETWORKS.items()
        }
    )


def _inputs(songs: Sequence[HeardSong]) -> tuple[torch.Tensor, torch.Tensor]:
    """Padded snippets [n, s, 4], and their numbers [n]."""
    snippets = [torch.from_numpy(song.snippets) for song in songs]
    return nn.utils.rnn.pad_sequence(snippets, batch_first=True), torch.tensor([len(values) for values in snippets])
