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

from gender_audio.calibration import Calibration
from gender_audio.models.sequence import LSTM, Attention, LinearCell, Recurrent
from gender_audio.systems.aggregation import mean_probabilities, song_probabilities, vote_shares
from gender_audio.systems.timeline import ATTENTION, FOLDS, LABELS
from train.data.heard_songs import HeardSong, hear_songs
from train.engine.bootstrap import balanced_accuracy
from train.recipes.combination import fit_calibration
from train.recipes.crossfit import Rows, TrainingConfig, predict, train_folds
from train.recipes.timeline import Recipe
from train.run_records import key

SERVED = "attention"
"""The way that the application uses for songs: the best one on songs that the networks were trained without."""


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
    "attention": partial(Attention, LABELS, ATTENTION, LABELS),
}
"""Name to a function that builds the network; none of them knows the length of a song."""


@dataclass(frozen=True)
class Aggregators:
    """All ways to aggregate.

    Attributes:
        networks: name to the networks of all folds.
        songs, folds: that they were trained on; network k was trained without fold k, int [n].
    """

    networks: dict[str, nn.ModuleList]
    songs: Sequence[HeardSong]
    folds: np.ndarray

    def out_of_fold(self) -> dict[str, np.ndarray]:
        """Probabilities of the training songs, [n, 4]; of each by the networks that were trained without it."""
        probabilities = self(self.songs)
        inputs = _inputs(self.songs)
        for name, networks in self.networks.items():
            every = torch.stack([predict(network, inputs).softmax(1) for network in networks])
            probabilities[name] = every[self.folds, range(len(self.songs))].numpy()
        return probabilities

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
    networks = {
        name: train_folds(TrainingConfig(build, recipe.aggregation), rows, FOLDS, runs / name, seed).eval()
        for name, build in NETWORKS.items()
    }
    return Aggregators(networks, songs, folds)


def fit_song_calibration(aggregators: Aggregators) -> tuple[Calibration, dict[str, float]]:
    """The calibration of whole songs, and the balanced accuracy of every way, both out of fold."""
    labels = np.array([int(song.label) for song in aggregators.songs])
    answers = aggregators.out_of_fold()
    accuracy = {f"out_of_fold_songs_{k}": balanced_accuracy(v.argmax(1), labels) for k, v in answers.items()}
    return fit_calibration(answers[SERVED], labels, np.ones(len(labels))), accuracy


def _inputs(songs: Sequence[HeardSong]) -> tuple[torch.Tensor, torch.Tensor]:
    """Padded snippets [n, s, 4], and their numbers [n]."""
    snippets = [torch.from_numpy(song.snippets) for song in songs]
    return nn.utils.rnn.pad_sequence(snippets, batch_first=True), torch.tensor([len(values) for values in snippets])
