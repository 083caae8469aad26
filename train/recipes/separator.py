"""Recipe `separator`: the mask network, on random remixes of the train voices and accompaniments."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils.data import Dataset

from gender_audio import weights
from gender_audio.models.unet import MaskNet
from gender_audio.separation.unet import Transform, separate_vocals
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
from train.engine.fit import fit
from train.engine.quick import count
from train.engine.schedule import Schedule
from train.run_records import key

TRANSFORM = Transform()
SCHEDULE = Schedule(samples=60_000, batch=8, rate=2e-3, rounds=12)
LABEL_SHARES = (0.16, 0.28, 0.28, 0.28)
"""Shares of the labels among the remixes, in the order of `SINGING.labels`."""
REMIX_CONFIG = replace(AUGMENTED, spoken=0.35, a_cappella=0.1)
"""More speech than in the protocol, since speech is harder; fewer voices alone, since they teach a separator little."""
FLOOR = 1e-3
"""Errors 30 dB below the mixture count as none: they are inaudible, and silence must not dominate the loss."""


@dataclass(frozen=True)
class Recipe:
    """Everything that the separator depends on.

    Attributes:
        protocol: folder of the protocol; its `remix_val.csv` chooses the best round.
        n_midi: synthesised accompaniments, beside those of the corpora.
        n_mbrola: synthesised singers, beside the voices of the corpora.
    """

    data: Path
    protocol: Path
    cache: Path
    seed: int = 0
    schedule: Schedule = SCHEDULE
    n_midi: int = count(midi.COUNT, quick=2)
    n_mbrola: int = count(mbrola.COUNT, quick=0)

    @property
    def sources(self) -> list[Source]:
        """The recordings that the remixes are made of."""
        return read_sources(self.data, "train") + midi_sources(self.n_midi) + mbrola_sources(self.n_mbrola)

    @property
    def validation_file(self) -> Path:
        """The protocol rows that choose the best round."""
        return self.protocol / "remix_val.csv"

    @property
    def run(self) -> Path:
        """Folder of the checkpoints."""
        training = (self.seed, self.schedule, corpus_digest(self.data), self.n_midi, self.n_mbrola, SPEEDS)
        method = (TRANSFORM, LABEL_SHARES, FLOOR, REMIX_CONFIG, self.validation_file.read_bytes())
        return self.cache / f"separator-{key(*training, *method)}"

    def stage(self, command: str) -> weights.Stage:
        """The entry for this training in the card."""
        return weights.Stage(
            kind="train",
            command=command,
            seed=self.seed,
            splits=("train",),
            settings={
                "samples": self.schedule.samples,
                "n_midi": self.n_midi,
                "n_mbrola": self.n_mbrola,
                "corpora": corpus_digest(self.data),
            },
        )


@dataclass(frozen=True)
class RemixPairs(Dataset[tuple[Tensor, ...]]):
    """Sample number to (mixture [48000], vocals [48000])."""

    remixer: Remixer
    seed: int

    def __getitem__(self, number: int) -> tuple[Tensor, ...]:
        rng = np.random.default_rng((self.seed, number))
        remix = self.remixer.draw(rng, str(rng.choice(SINGING.labels, p=LABEL_SHARES)))
        return torch.from_numpy(remix.mixture), torch.from_numpy(remix.vocals)


def loss(network: nn.Module, batch: tuple[Tensor, ...]) -> Tensor:
    """Mean error of the vocals over the spectrogram, in dB relative to the mixture."""
    mixture, target = (TRANSFORM.forward(samples)[:, :-1] for samples in batch)
    error = (network(mixture) * mixture - target).abs().square().sum((1, 2))
    return 10 * torch.log10(error / (mixture.abs().square().sum((1, 2)) + 1e-9) + FLOOR).mean()


@torch.inference_mode()
def separation_gains(network: nn.Module, remixes: list[Remix], batch: int = 20) -> np.ndarray:
    """SI-SDR improvement of the vocals in dB, [len(remixes)]; without a voice, their suppression, at most 60 dB."""
    gains = []
    for start in range(0, len(remixes), batch):
        part = remixes[start : start + batch]
        mixture = torch.from_numpy(np.stack([remix.mixture for remix in part]))
        estimates = separate_vocals(network, mixture[:, None], TRANSFORM)[:, 0].numpy()
        gains += [separation_gain(remix, estimate) for remix, estimate in zip(part, estimates, strict=True)]
    return np.array(gains)


def train(recipe: Recipe) -> tuple[nn.Module, dict[str, float]]:
    """Train the separator, or load its finished run; the best round has the highest mean gain with accompaniment."""
    rows = load_protocol(recipe.validation_file, recipe.data)
    remixes = [remix for remix in rows if "a cappella" not in remix.kind][::2]
    require_packages(recipe.sources)
    require_remix_sources(recipe.sources)

    def score(network: nn.Module) -> dict[str, float]:
        groups = gains_by_kind(separation_gains(network, remixes), remixes)
        kinds = {" ".join(name): float(np.mean(values)) for name, values in groups.items()}
        return {"score": float(np.mean([kinds[name] for name in ("sung", "spoken") if name in kinds])), **kinds}

    torch.manual_seed(recipe.seed)
    network = MaskNet()
    pairs = RemixPairs(Remixer(Library.open(recipe.data, recipe.sources, recipe.cache), REMIX_CONFIG), recipe.seed)
    fit(network, pairs, loss, score, recipe.schedule, recipe.run, recipe.seed)
    return network, score(network)


def export(network: nn.Module, metrics: dict[str, float], recipe: Recipe, command: str) -> None:
    """Write `weights/separator`."""
    card = weights.Card(
        system="separator",
        labels=(),
        model={},
        feature=asdict(TRANSFORM),
        fingerprint=TRANSFORM.fingerprint,
        inputs=("mixture",),
        data={**licences(recipe.data), **synthesis_licences(recipe.sources)},
        metrics={f"val_{name}_db".replace(" ", "_"): value for name, value in metrics.items() if name != "score"},
        stages=(recipe.stage(command),),
    )
    weights.save({"unet": network}, card)
