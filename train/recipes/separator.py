"""Recipe `separator`: the embedded mask network, on random remixes of the train voices and accompaniments."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils.data import Dataset

from gender_audio import weights
from gender_audio.models.unet import MaskNet
from gender_audio.separation.unet import Transform, vocals
from gender_audio.systems import SINGER
from train.data.band import COUNT, DATASET, LICENCE
from train.data.library import SPEEDS, Library, digest, licences, pieces, sources
from train.data.odds import VARIED
from train.data.remix import Remix, Remixer, protocol
from train.fit import Schedule, blend, fit
from train.gains import by_kind, gain
from train.records import key

TRANSFORM = Transform()
SCHEDULE = Schedule(samples=60_000, batch=8, rate=2e-3, rounds=12)
FURTHER = replace(SCHEDULE, samples=15_000, rate=6e-4, rounds=3)
"""How a trained network goes on."""
KEPT = 0.3
"""Share of its old weights that it keeps then (Wortsman et al. 2022).

By 0.3 instruments that it never heard are suppressed almost as by the new weights, and half of what these lose
on sung rows of remix_val.csv is back.
"""
QUICK: dict[str, Any] = {"schedule": replace(SCHEDULE, samples=16, batch=4, rounds=2), "band": 2}
"""Of a run that is only to run."""

ODDS_OF_LABELS = (0.16, 0.28, 0.28, 0.28)
ODDS = replace(VARIED, spoken=0.35, a_cappella=0.1)
"""More speech than the protocol has, since it is harder; a voice alone teaches a separator little."""

FLOOR = 1e-3
"""Errors 30 dB below the mixture count as none: nobody hears them, and silence must not dominate the loss."""


@dataclass(frozen=True)
class Pairs(Dataset[tuple[Tensor, ...]]):
    """Sample number to (mixture [48000], vocals [48000])."""

    remixer: Remixer
    seed: int

    def __getitem__(self, number: int) -> tuple[Tensor, ...]:
        rng = np.random.default_rng((self.seed, number))
        remix = self.remixer.draw(rng, str(rng.choice(SINGER.labels, p=ODDS_OF_LABELS)))
        return torch.from_numpy(remix.mixture), torch.from_numpy(remix.vocals)


def loss(network: nn.Module, batch: tuple[Tensor, ...]) -> Tensor:
    """Mean error of the vocals in dB relative to the mixture, over the spectrogram."""
    mixture, target = (TRANSFORM.forward(samples)[:, :-1] for samples in batch)
    error = (network(mixture) * mixture - target).abs().square().sum((1, 2))
    return 10 * torch.log10(error / (mixture.abs().square().sum((1, 2)) + 1e-9) + FLOOR).mean()


@torch.inference_mode()
def improvement(network: nn.Module, remixes: list[Remix], batch: int = 20) -> np.ndarray:
    """SI-SDR improvement of the vocals in dB, [len(remixes)]; without a voice, their suppression, at most 60 dB."""
    gains = []
    for start in range(0, len(remixes), batch):
        part = remixes[start : start + batch]
        mixture = torch.from_numpy(np.stack([remix.mixture for remix in part]))
        estimates = vocals(network, mixture[:, None], TRANSFORM)[:, 0].numpy()
        gains += [gain(remix, estimate) for remix, estimate in zip(part, estimates, strict=True)]
    return np.array(gains)


def train(
    data: Path,
    rows: Path,
    cache: Path,
    seed: int,
    *,
    further: bool = False,
    schedule: Schedule | None = None,
    band: int = COUNT,
) -> tuple[MaskNet, dict[str, float]]:
    """Train the separator; chosen on `remix_val.csv` by the mean improvement on rows with accompaniment.

    Args:
        further: go on from the shipped weights, with remixes they have not seen if `seed` is another one.
        band: accompaniments that are played, beside those of the corpora.
    """
    torch.manual_seed(seed)
    chosen_on = [remix for remix in protocol(rows / "remix_val.csv", data) if "a cappella" not in remix.kind][::2]
    pairs = Pairs(Remixer(Library.open(data, sources(data, "train") + pieces(band), cache), ODDS), seed)

    def score(network: nn.Module) -> dict[str, float]:
        groups = by_kind(improvement(network, chosen_on), chosen_on)
        kinds = {" ".join(name): float(np.mean(values)) for name, values in groups.items()}
        return {"score": float(np.mean([kinds[name] for name in ("sung", "spoken") if name in kinds])), **kinds}

    schedule = schedule or (FURTHER if further else SCHEDULE)
    network, start = MaskNet(), ""
    if further:
        weights.fill(network, "separator", "unet")
        start = weights.card("separator").files["unet.safetensors"]
    before = deepcopy(network.state_dict())
    made_of = (seed, schedule, start, TRANSFORM, ODDS_OF_LABELS, FLOOR, ODDS, SPEEDS, digest(data), band)
    chosen_by = (rows / "remix_val.csv").read_bytes()
    fit(network, pairs, loss, score, schedule, cache / f"separator-{key(*made_of, chosen_by)}", seed)
    if further:
        blend(network, before, KEPT)
    return network, score(network)


def ship(network: MaskNet, metrics: dict[str, float], data: Path, command: str) -> None:
    """Write `weights/separator`."""
    transform = asdict(TRANSFORM)
    card = weights.Card(
        system="separator",
        labels=(),
        model={},
        feature=transform,
        fingerprint=TRANSFORM.fingerprint,
        inputs=("mixture",),
        data={**licences(data), DATASET: LICENCE},
        metrics={f"val_{name}_db".replace(" ", "_"): value for name, value in metrics.items() if name != "score"},
        command=command,
    )
    weights.save({"unet": network}, card)
