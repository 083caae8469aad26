"""Stand-ins for the pipeline: verdicts with plausible numbers, made without any network."""

from __future__ import annotations

import numpy as np

from gender_audio.audio import Clip
from gender_audio.pipeline import Progress, Verdict
from gender_audio.separation import Stems
from gender_audio.systems import LABELS

MEMBERS = 20


def verdict_of(clip: Clip, label: str = "female", confidence: float = 4.0, seed: int = 0) -> Verdict:
    """A verdict whose members lean to `label`, the more the higher the confidence."""
    random = np.random.default_rng(seed)
    starts_s = np.arange(0.0, max(1.0, clip.duration_s - 2.0))
    ends_s = np.minimum(starts_s + 3.0, clip.duration_s)
    logits = random.normal(0.0, 1.5, (MEMBERS, len(starts_s), len(LABELS)))
    logits[..., LABELS.index(label)] += confidence * random.uniform(0.3, 1.0, (MEMBERS, len(starts_s)))
    odds = np.exp(logits)
    member_snippets = (odds / odds.sum(axis=-1, keepdims=True)).astype(np.float32)
    snippets = member_snippets.mean(axis=0)
    mixture = clip.mono(16_000)[None]
    return Verdict(
        clip=clip,
        stems=Stems(vocals=0.7 * mixture, accompaniment=0.3 * mixture, rate=16_000),
        separator="none",
        starts_s=starts_s,
        ends_s=ends_s,
        snippets=snippets,
        member_snippets=member_snippets,
        members=member_snippets.mean(axis=1),
        probabilities=snippets.mean(axis=0),
        uncertain=bool(snippets.mean(axis=0).max() < 0.5),
    )


class FakePipeline:
    """Answers at once, with the label it was made with, and remembers what it heard."""

    def __init__(self, label: str = "female", confidence: float = 4.0) -> None:
        self.label, self.confidence = label, confidence
        self.heard: list[Clip] = []

    def __call__(self, clip: Clip, progress: Progress = lambda *_: None) -> Verdict:
        progress(0.0, "Separating the vocals")
        self.heard.append(clip)
        return verdict_of(clip, self.label, self.confidence)
