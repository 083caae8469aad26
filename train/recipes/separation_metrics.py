"""What separation gains: one figure for a row, and the rows that belong together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torchmetrics.functional.audio import scale_invariant_signal_distortion_ratio as si_sdr

from train.data.remix import Remix

INAUDIBLE = 1e-6
"""A suppression beyond 60 dB counts as 60, so that a few perfect rows do not make a mean."""


def gain(remix: Remix, vocals: np.ndarray) -> float:
    """SI-SDR improvement of the vocals in dB; without a voice, how far below the mixture they are."""
    estimate, mixture, target = (torch.from_numpy(x) for x in (vocals, remix.mixture, remix.vocals))
    if remix.label == "none":
        quiet = estimate.square().sum() / (mixture.square().sum() + 1e-9)
        return float(-10 * torch.log10(quiet + INAUDIBLE))
    return float(si_sdr(estimate, target) - si_sdr(mixture, target))


def by_kind(gains: Sequence[float] | np.ndarray, remixes: list[Remix]) -> dict[tuple[str, ...], list[float]]:
    """The gains by kind of row, and by label among the sung ones; rows without accompaniment are left out."""
    groups: dict[tuple[str, ...], list[float]] = {}
    for value, remix in zip(gains, remixes, strict=True):
        if "a cappella" in remix.kind:
            continue
        groups.setdefault((remix.kind,), []).append(float(value))
        if remix.kind == "sung":
            groups.setdefault((remix.kind, remix.label), []).append(float(value))
    return groups
