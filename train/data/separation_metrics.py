"""How much a separator improves the voice of a remix."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torchmetrics.functional.audio import scale_invariant_signal_distortion_ratio as si_sdr

from train.data.remix import Remix

INAUDIBLE = 1e-6
"""Suppression is capped at 60 dB, so that a few perfect rows do not dominate the mean."""


def si_sdr_improvement(estimate: np.ndarray, mixture: np.ndarray, target: np.ndarray) -> float:
    """SI-SDR of the estimate [n] minus that of the mixture [n], in dB."""
    estimate_, mixture_, target_ = (torch.from_numpy(samples) for samples in (estimate, mixture, target))
    return float(si_sdr(estimate_, target_) - si_sdr(mixture_, target_))


def suppression(estimate: np.ndarray, mixture: np.ndarray) -> float:
    """How many dB the estimate [n] lies below the mixture [n], at most 60."""
    estimate_, mixture_ = torch.from_numpy(estimate), torch.from_numpy(mixture)
    ratio = estimate_.square().sum() / (mixture_.square().sum() + 1e-9)
    return float(-10 * torch.log10(ratio + INAUDIBLE))


def separation_gain(remix: Remix, vocals: np.ndarray) -> float:
    """SI-SDR improvement of the separated vocals [n] in dB; for a remix without a voice, their suppression."""
    if remix.label == "none":
        return suppression(vocals, remix.mixture)
    return si_sdr_improvement(vocals, remix.mixture, remix.vocals)


def gains_by_kind(gains: Sequence[float] | np.ndarray, remixes: list[Remix]) -> dict[tuple[str, ...], list[float]]:
    """Gains by kind of row, and by (kind, label) for sung rows; rows without an accompaniment are left out."""
    groups: dict[tuple[str, ...], list[float]] = {}
    for gain, remix in zip(gains, remixes, strict=True):
        if "a cappella" in remix.kind:
            continue
        groups.setdefault((remix.kind,), []).append(float(gain))
        if remix.kind == "sung":
            groups.setdefault((remix.kind, remix.label), []).append(float(gain))
    return groups
