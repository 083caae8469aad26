"""Verdicts with known contents, for tests of what shows them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gender_audio.audio import Clip
from gender_audio.pipeline import Verdict
from gender_audio.separation import Stems
from gender_audio.systems import LABELS

RATE = 16_000
CERTAINTY = 0.7  # of every winner


def verdict(
    labels: Sequence[str],
    *,
    label: str = "female",
    agreement: int = 18,
    members: int = 20,
    uncertain: bool = False,
    warnings: tuple[str, ...] = (),
    clip: Clip | None = None,
) -> Verdict:
    """Snippets (3 s every 1 s) with these labels, and a whole on which `agreement` members say `label`."""
    clip = clip or Clip(np.zeros((1, (len(labels) + 2) * RATE), np.float32), RATE, warnings)
    starts_s = np.arange(len(labels), dtype=float)
    dissent = LABELS[LABELS.index(label) - 1]
    votes = [label] * agreement + [dissent] * (members - agreement)
    snippets = np.stack([winner(name) for name in labels])
    return Verdict(
        clip=clip,
        stems=Stems(clip.samples, np.zeros_like(clip.samples), clip.rate),
        separator="none",
        starts_s=starts_s,
        ends_s=np.minimum(starts_s + 3, clip.duration_s),
        snippets=snippets,
        member_snippets=np.broadcast_to(snippets, (members, *snippets.shape)),
        members=np.stack([winner(name) for name in votes]),
        probabilities=winner(label),
        uncertain=uncertain,
    )


def winner(label: str) -> np.ndarray:
    """Probabilities float32 [4] in which `label` has CERTAINTY and the others share the rest."""
    probabilities = np.full(len(LABELS), (1 - CERTAINTY) / (len(LABELS) - 1), np.float32)
    probabilities[LABELS.index(label)] = CERTAINTY
    return probabilities
