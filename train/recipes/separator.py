"""Recipe `separator`: the embedded mask network, on random remixes of the train voices and accompaniments."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils.data import Dataset

from gender_audio import weights
from gender_audio.models.unet import MaskNet
from gender_audio.separation.unet import Transform, Unet, separate_vocals
from gender_audio.systems.labels import SINGING
from train.data.corpus import (
    Source,
    corpus_digest,
    licences,
    mbrola_sources,
    midi_sources,
    read_sources,
    synthesis_licences,
)
from train.data.corpus_checks import require_packages, require_remix_sources
from train.data.decoding import SPEEDS
from train.data.library import Library
from train.data.remix import Remix, load_protocol
from train.data.remix_config import AUGMENTED
from train.data.remixer import Remixer
from train.data.separation_metrics import gains_by_kind, separation_gain
from train.data.synthesis import mbrola, midi
from train.engine.fit import Schedule, Score, average, blend, fit
from train.recipes.listeners import Listeners
from train.run_records import key

TRANSFORM = Transform()
SCHEDULE = Schedule(samples=60_000, batch=8, rate=2e-3, rounds=12)
FURTHER = replace(SCHEDULE, samples=6_000, rate=6e-4, rounds=3)
"""How a trained network goes on."""
RUNS = 2
"""How often it does, from the shipped weights and with the next seed each time; the mean of these networks counts.

What a run adds by chance is another thing in each, and cancels out (Wortsman et al. 2022).
"""
KEPT = 0.5
"""Share of the old weights that the mean keeps (Wortsman et al. 2022).

Measured with one run: on remixes of the singers of the val split the members, which know the old weights, hear most
with this share; new weights alone let more of the instruments pass.
"""
QUICK: dict[str, Any] = {"schedule": replace(SCHEDULE, samples=16, batch=4, rounds=2), "n_midi": 2, "n_mbrola": 0}
"""Of a recipe that is only to run."""

ODDS_OF_LABELS = (0.16, 0.28, 0.28, 0.28)
ODDS = replace(AUGMENTED, spoken=0.35, a_cappella=0.1)
"""More speech than the protocol has, since it is harder; a voice alone teaches a separator little."""

HEARD = 10.0
"""What a nat of difference in what the members make of the vocals counts, in dB, when a trained network goes on."""

FLOOR = 1e-3
"""Errors 30 dB below the mixture count as none: nobody hears them, and silence must not dominate the loss."""


@dataclass(frozen=True)
class Recipe:
    """Everything that the separator depends on.

    Attributes:
        rows: folder of the protocol; the best round is chosen on its `remix_val.csv`.
        start: SHA-256 of the shipped weights where it goes on from these; other remixes need another seed.
        n_midi: accompaniments that are played, beside those of the corpora.
        n_mbrola: melodies that are sung, beside the voices of the corpora.
    """

    data: Path
    rows: Path
    cache: Path
    seed: int = 0
    schedule: Schedule = SCHEDULE
    start: str = ""
    n_midi: int = midi.COUNT
    n_mbrola: int = mbrola.COUNT

    @property
    def sources(self) -> list[Source]:
        """What the remixes are made of."""
        return read_sources(self.data, "train") + midi_sources(self.n_midi) + mbrola_sources(self.n_mbrola)

    @property
    def chosen_on(self) -> Path:
        """The rows that choose between rounds."""
        return self.rows / "remix_val.csv"

    @property
    def run(self) -> Path:
        """Where the checkpoints lie."""
        learnt = (self.seed, self.schedule, self.start, corpus_digest(self.data), self.n_midi, self.n_mbrola)
        judged = weights.fingerprint(SINGING.name) if self.start else ""
        how = (TRANSFORM, ODDS_OF_LABELS, FLOOR, ODDS, SPEEDS, HEARD, judged, self.chosen_on.read_bytes())
        return self.cache / f"separator-{key(*learnt, *how)}"


def further(recipe: Recipe) -> Recipe:
    """How the shipped separator goes on."""
    return replace(recipe, schedule=FURTHER, start=weights.card("separator").files["unet.safetensors"])


@dataclass(frozen=True)
class Pairs(Dataset[tuple[Tensor, ...]]):
    """Sample number to (mixture [48000], vocals [48000])."""

    remixer: Remixer
    seed: int

    def __getitem__(self, number: int) -> tuple[Tensor, ...]:
        rng = np.random.default_rng((self.seed, number))
        remix = self.remixer.draw(rng, str(rng.choice(SINGING.labels, p=ODDS_OF_LABELS)))
        return torch.from_numpy(remix.mixture), torch.from_numpy(remix.vocals)


def loss(network: nn.Module, batch: tuple[Tensor, ...], listeners: Listeners | None = None) -> Tensor:
    """Mean error of the vocals in dB relative to the mixture, over the spectrogram; and what the members make of it."""
    mixture, target = batch
    whole, voice = (TRANSFORM.forward(samples)[:, :-1] for samples in batch)
    found = network(whole) * whole
    error = (found - voice).abs().square().sum((1, 2))
    decibels = 10 * torch.log10(error / (whole.abs().square().sum((1, 2)) + 1e-9) + FLOOR).mean()
    if listeners is None:
        return decibels
    estimate = TRANSFORM.inverse(nn.functional.pad(found, (0, 0, 0, 1)), mixture.shape[1])
    return decibels + HEARD * listeners(estimate, target, mixture)


@torch.inference_mode()
def improvement(network: nn.Module, remixes: list[Remix], batch: int = 20) -> np.ndarray:
    """SI-SDR improvement of the vocals in dB, [len(remixes)]; without a voice, their suppression, at most 60 dB."""
    gains = []
    for start in range(0, len(remixes), batch):
        part = remixes[start : start + batch]
        mixture = torch.from_numpy(np.stack([remix.mixture for remix in part]))
        estimates = separate_vocals(network, mixture[:, None], TRANSFORM)[:, 0].numpy()
        gains += [separation_gain(remix, estimate) for remix, estimate in zip(part, estimates, strict=True)]
    return np.array(gains)


def train(recipe: Recipe) -> tuple[nn.Module, dict[str, float]]:
    """Train the separator, or let the shipped one go on; the best round counts, by the mean gain with accompaniment."""
    chosen_on = [remix for remix in load_protocol(recipe.chosen_on, recipe.data) if "a cappella" not in remix.kind][::2]
    require_packages(recipe.sources)
    require_remix_sources(recipe.sources)

    def score(network: nn.Module) -> dict[str, float]:
        groups = gains_by_kind(improvement(network, chosen_on), chosen_on)
        kinds = {" ".join(name): float(np.mean(values)) for name, values in groups.items()}
        return {"score": float(np.mean([kinds[name] for name in ("sung", "spoken") if name in kinds])), **kinds}

    runs = RUNS if recipe.start else 1
    network = average([train_once(replace(recipe, seed=recipe.seed + run), score) for run in range(runs)])
    if recipe.start:
        blend(network, Unet.load().network.state_dict(), KEPT)
    return network, score(network)


def train_once(recipe: Recipe, score: Score) -> MaskNet:
    """One run of the recipe, or what it led to if it is finished."""
    torch.manual_seed(recipe.seed)
    pairs = Pairs(Remixer(Library.open(recipe.data, recipe.sources, recipe.cache), ODDS), recipe.seed)
    network = Unet.load().network if recipe.start else MaskNet()
    judged = partial(loss, listeners=Listeners()) if recipe.start else loss
    fit(network, pairs, judged, score, recipe.schedule, recipe.run, recipe.seed)
    return network


def ship(network: nn.Module, metrics: dict[str, float], recipe: Recipe, command: str) -> None:
    """Write `weights/separator`."""
    before = weights.card("separator").data if recipe.start else {}
    card = weights.Card(
        system="separator",
        labels=(),
        model={},
        feature=asdict(TRANSFORM),
        fingerprint=TRANSFORM.fingerprint,
        inputs=("mixture",),
        data={**before, **licences(recipe.data), **synthesis_licences(recipe.sources)},
        metrics={f"val_{name}_db".replace(" ", "_"): value for name, value in metrics.items() if name != "score"},
        command=command,
    )
    weights.save({"unet": network}, card)
