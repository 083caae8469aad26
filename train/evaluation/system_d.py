"""System D's own networks on the same songs, for comparison: raw features, padded songs, aggregators that cheat.

Layer for layer as system D lists them, but for the two outputs. Its 1D-CNN is padded to `PADDED` frames and not to
112,931, which cost 72 MB a song; its RNN and LSTM learn from what the CNN-FCN says of songs it learnt from.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
import torch
from torch import nn
from tqdm import tqdm

from gender_audio.atomic_write import atomic_write
from gender_audio.audio import read
from gender_audio.features.stack import Stack
from gender_audio.models.genre_snippet import CNN2D
from gender_audio.models.genre_song import LAYERS, MLP, PaddedCNN
from gender_audio.systems.aggregation import vote_shares
from gender_audio.systems.genre_models import AGGREGATORS
from train.data.songs import Song, song_folds
from train.engine.fit import Schedule
from train.evaluation.genre import snippets
from train.recipes.crossfit import Learner, Rows, network, predict
from train.recipes.genre import Recipe, sequences
from train.run_records import key

RAW = Stack(step_s=10.0, consistent=False)
PADDED = 8_192
SNIPPETS = Schedule(samples=4_800, batch=32, rate=5e-4, rounds=5, decay=1e-3, workers=0)
SONGS = Schedule(samples=960, batch=16, rate=3e-4, rounds=5, decay=1e-4, workers=0)
STATISTICS = Schedule(samples=1_280, batch=32, rate=3e-4, rounds=2, decay=1e-4, workers=0)


@dataclass(frozen=True, eq=False)
class RawSong:
    """What system D hears of a song: snippets [s, 160, 216], song [160, frames] and statistics [17088], float32."""

    snippets: np.ndarray
    song: np.ndarray
    statistics: np.ndarray


def listen(song: Song, recipe: Recipe) -> RawSong:
    """The raw features of a song, computed once."""
    path = recipe.cache / f"raw-{RAW.fingerprint}" / f"{key(song.path.resolve(), song.path.stat().st_mtime)}.npz"
    if not path.exists():
        samples = read(song.path).mono(RAW.rate)
        first, last = RAW.bounds(samples)
        stack = RAW(samples[first:last])
        cut = np.stack([RAW(snippet) for snippet in RAW.cut(samples[first:last])])
        with atomic_write(path) as made:
            np.savez(made, snippets=cut, song=stack, statistics=RAW.statistics(stack))
    with np.load(path) as arrays:
        return RawSong(**{name: arrays[name] for name in arrays.files})


def compare(recipe: Recipe) -> dict[str, Sequence[np.ndarray]]:
    """Each of system D's models to its answers on the test songs, [s, 2] each: of all snippets, or one of the song."""
    torch.set_num_threads(1)
    learnt, tested = (
        [listen(song, recipe) for song in tqdm(recipe.of(split), desc=f"hear {split}, raw", unit="song")]
        for split in ("development", "test")
    )
    labels = np.array([song.label for song in recipe.of("development")])
    parts = song_folds(recipe.of("development"), recipe.folds, recipe.seed)
    answers = _pictures(recipe, learnt, tested, labels, parts)
    peaks = np.max([one.song.max(1) for one in learnt], 0)[:, None]
    padded = [np.stack([pad(one.song / peaks).astype(np.float16) for one in songs]) for songs in (learnt, tested)]
    flat = [np.stack([one.statistics for one in songs]) for songs in (learnt, tested)]
    cnn = Learner(partial(PaddedCNN, frames=PADDED, outputs=2), SONGS)
    dense = Learner(partial(MLP, (*LAYERS[:-1], 2)), STATISTICS)
    for name, learner, (inputs, questions) in (("1D-CNN", cnn, padded), ("FC-FD", dense, flat)):
        rows = Rows((torch.from_numpy(inputs),), torch.from_numpy(labels), parts)
        made = _train(recipe, name, learner, rows)
        answers[name] = list(predict(made, [torch.from_numpy(questions)]).softmax(1).numpy()[:, None])
    return answers


def measure(recipe: Recipe) -> dict[str, dict[str, object]]:
    """Figures of each of system D's models on the test songs."""
    return {name: snippets(answers, recipe.of("test")) for name, answers in compare(recipe).items()}


def pad(song: np.ndarray) -> np.ndarray:
    """A song [rows, frames] with zeros after it, or cut: [rows, PADDED]."""
    return np.pad(song[:, :PADDED], [(0, 0), (0, max(0, PADDED - song.shape[1]))])


def _pictures(
    recipe: Recipe, learnt: Sequence[RawSong], tested: Sequence[RawSong], labels: np.ndarray, parts: np.ndarray
) -> dict[str, Sequence[np.ndarray]]:
    """The CNN-FCN on snippets, its vote, and the RNN and LSTM on its answers."""
    counts = [len(one.snippets) for one in learnt]
    inputs = (torch.from_numpy(np.concatenate([one.snippets for one in learnt])),)
    rows = Rows(inputs, torch.from_numpy(np.repeat(labels, counts)), np.repeat(parts, counts))
    made = _train(recipe, "CNN-FCN", Learner(CNN2D, SNIPPETS), rows)
    before, after = (
        [predict(made, [torch.from_numpy(one.snippets)]).softmax(1).numpy() for one in songs]
        for songs in (learnt, tested)
    )
    answers: dict[str, Sequence[np.ndarray]] = {
        "CNN-FCN, snippets": after,
        "CNN-FCN, vote": [vote_shares(one)[None] for one in after],
    }
    seen, asked = (sequences(said, labels[: len(said)], parts[: len(said)]) for said in (before, after))
    for name in ("rnn", "lstm"):
        aggregator = _train(recipe, name, recipe.learner(name), seen)
        answers[f"CNN-FCN, {name.upper()}"] = list(predict(aggregator, asked.inputs).softmax(1).numpy()[:, None])
    return answers


def run(recipe: Recipe, name: str, usual: Schedule) -> Path:
    """Where the checkpoints of a network lie, whose schedule is the recipe's or the usual one."""
    heard = (run(recipe, "CNN-FCN", SNIPPETS).name,) if name in AGGREGATORS else ()
    made_of = (recipe.run("rnn").name, RAW.fingerprint, recipe.schedules.get(name, usual), *heard)
    return recipe.cache / f"reference-{name}-{key(*made_of)}"


def _train(recipe: Recipe, name: str, learner: Learner, rows: Rows) -> nn.Module:
    place = run(recipe, name, learner.schedule)
    learner = replace(learner, schedule=recipe.schedules.get(name, learner.schedule))
    return network(learner, rows, recipe.folds, 0, place, recipe.seed)
