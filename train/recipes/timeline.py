"""Recipe `timeline`: the hidden Markov model of who sings when, fitted to assembled songs of singers that are new.

The strength of the penalty and the weight of the emissions are chosen on songs that the regression was fitted without.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from itertools import product
from pathlib import Path

import numpy as np
import torch
from sklearn.model_selection import KFold
from torch import nn

from gender_audio import weights
from gender_audio.calibration import Calibration
from gender_audio.systems.labels import SINGING
from gender_audio.systems.timeline import AGGREGATOR, FEATURES, HEARD, LABELS, STEP_S, SYSTEM, TimelineDecoder
from train.data.corpus import recording_licences, recordings_digest
from train.data.heard_songs import HeardSong, SongSet, hear_songs
from train.engine.bootstrap import balanced_accuracy
from train.engine.quick import count
from train.engine.schedule import Schedule
from train.recipes.combination import fit_regression
from train.recipes.combination_rows import balanced_weight

SPLITS = ("train", "val")
COSTS = (1e-4, 1e-3, 1e-2)
"""Inverse strengths of the L2 penalty to choose from."""
SCALES = (0.1, 0.2, 0.4, 0.8)
"""Weights of the emissions to choose from: neighbouring steps know nearly the same, so each counts less than one."""
FOLDS = 8
TOLERANCE = 0.005
PRIOR = 0.5
"""Changes that are added to the number of each change that was seen."""
EVERY = 3
"""The regression is fitted to every third step."""


@dataclass(frozen=True)
class Recipe:
    """Everything that the timeline depends on, besides the weights of the singing system."""

    data: Path
    cache: Path
    seed: int = 0
    songs: int = count(96, quick=8)
    test_songs: int = count(64, quick=4)
    aggregation: Schedule = Schedule(samples=6_000, batch=16, rate=1e-2, rounds=6, half=False, workers=0)

    @property
    def training_set(self) -> SongSet:
        """Songs of the train and val splits by singers that no member heard."""
        heard = frozenset(weights.card(SINGING.name).folds)
        return SongSet(self.data, self.cache, SPLITS, self.songs, self.seed, heard)

    @property
    def test_set(self) -> SongSet:
        """Songs of the test split. By the same seed, their sections would be those of the training songs."""
        return SongSet(self.data, self.cache, ("test",), self.test_songs, self.seed + 1)

    def stage(self, command: str) -> weights.Stage:
        """The entry for this training in the card."""
        return weights.Stage(
            kind="train",
            command=command,
            seed=self.seed,
            splits=SPLITS,
            settings={
                **{name: weights.fingerprint(name) for name in HEARD},
                "songs": self.songs,
                "corpora": recordings_digest(self.data),
            },
        )


def transition_scores(songs: list[HeardSong]) -> np.ndarray:
    """Logarithms of the probabilities that a label follows a label, [4, 4]."""
    counts = np.full((LABELS, LABELS), PRIOR)
    for song in songs:
        np.add.at(counts, (song.labels[:-1], song.labels[1:]), 1)
    return np.log(counts / counts.sum(1, keepdims=True))


def fit_decoder(songs: list[HeardSong], cost: float, scale: float) -> TimelineDecoder:
    """The decoder for some songs; the emissions are the logarithms of the regression's probabilities, times a scale.

    All labels have the same weight: how frequent they are is known from the transitions.
    """
    features = np.concatenate([song.features[::EVERY] for song in songs])
    labels = np.concatenate([song.labels[::EVERY] for song in songs])
    decoder = TimelineDecoder()
    regression = fit_regression(features, labels, balanced_weight(labels, np.zeros(len(labels))), cost)
    decoder.frames.load_state_dict({name: scale * value for name, value in regression.state_dict().items()})
    decoder.transitions.copy_(torch.from_numpy(transition_scores(songs)))
    return decoder.eval()


@dataclass(frozen=True)
class OutOfFold:
    """How decoders do on songs that they were fitted without.

    Attributes:
        accuracy: of the steps, balanced by label.
        changes: number of changes of the label that were found for each that there is.
    """

    accuracy: float
    changes: float


@torch.inference_mode()
def out_of_fold(songs: list[HeardSong], cost: float, scale: float) -> OutOfFold:
    """Decode every song by a decoder that was fitted without it."""
    decoded, truth = [], []
    for others, held_out in KFold(min(FOLDS, len(songs)), shuffle=True, random_state=0).split(songs):
        decoder = fit_decoder([songs[number] for number in others], cost, scale)
        for number in held_out:
            decoded.append(decoder(torch.from_numpy(songs[number].features)).labels)
            truth.append(songs[number].labels)
    found, true = (sum(int(np.count_nonzero(np.diff(labels))) for labels in of_songs) for of_songs in (decoded, truth))
    return OutOfFold(balanced_accuracy(np.concatenate(decoded), np.concatenate(truth)), found / max(true, 1))


def choose(tried: Mapping[tuple[float, float], OutOfFold]) -> tuple[float, float]:
    """Of the settings that are within `TOLERANCE` of the highest accuracy, the one with the right number of changes."""
    highest = max(result.accuracy for result in tried.values())
    near = [pair for pair, result in tried.items() if result.accuracy >= highest - TOLERANCE]
    return min(near, key=lambda pair: abs(tried[pair].changes - 1))


def fit(recipe: Recipe) -> tuple[TimelineDecoder, dict[str, float]]:
    """The decoder, and what was chosen."""
    songs = hear_songs(recipe.training_set)
    tried = {(cost, scale): out_of_fold(songs, cost, scale) for cost, scale in product(COSTS, SCALES)}
    cost, scale = choose(tried)
    metrics = {"cost": cost, "scale": scale, **{f"out_of_fold_{k}": v for k, v in asdict(tried[cost, scale]).items()}}
    return fit_decoder(songs, cost, scale), metrics


def export(
    decoder: TimelineDecoder,
    aggregator: nn.Module,
    calibration: Calibration,
    metrics: Mapping[str, float],
    recipe: Recipe,
    command: str,
) -> None:
    """Write `weights/timeline`: the decoder, and what gives the label of a whole song."""
    card = weights.Card(
        system=SYSTEM,
        labels=SINGING.labels,
        model={"features": FEATURES, "step_s": STEP_S},
        feature={},
        fingerprint="",
        inputs=(),
        data=recording_licences(recipe.data),
        metrics=dict(metrics),
        stages=(recipe.stage(command),),
        calibration=asdict(calibration),
    )
    weights.save({SYSTEM: decoder, AGGREGATOR: aggregator}, card)
