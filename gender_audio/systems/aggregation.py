"""Aggregates the probabilities of snippets to those of the whole clip."""

from __future__ import annotations

import numpy as np


def song_probabilities(snippets: np.ndarray) -> np.ndarray:
    """Snippet probabilities [..., s, 4] to those of the clip [..., 4], which sum to 1. A single snippet stays the same.

    The probability of a voice is its mean over the third of the snippets where it is highest, so that an instrumental
    introduction does not hide a singer. The kind of voice is the mean over all snippets, weighted by the probability
    of a voice. Evidence for a male-like voice in some snippets and for a female-like one in others counts as evidence
    for more than one voice.
    """
    voice = 1 - snippets[..., :1]
    third = max(1, round(snippets.shape[-2] / 3))
    presence = np.sort(voice, axis=-2)[..., -third:, :].mean(-2)
    weights = voice / np.maximum(voice.sum(-2, keepdims=True), 1e-12)
    difference = (snippets[..., 1] - snippets[..., 2])[..., None] * weights
    alternation = np.minimum(np.maximum(difference, 0).sum(-2), np.maximum(-difference, 0).sum(-2))
    kinds = (snippets[..., 1:] * weights).sum(-2) + alternation * np.array([-1, -1, 2])
    kinds = kinds / np.maximum(kinds.sum(-1, keepdims=True), 1e-12)
    clip = np.concatenate([1 - presence, presence * kinds], -1)
    return clip / clip.sum(-1, keepdims=True)


def mean_probabilities(snippets: np.ndarray) -> np.ndarray:
    """Snippet probabilities [..., s, k] of any labels to their mean [..., k]."""
    return snippets.mean(-2)


def vote_shares(snippets: np.ndarray) -> np.ndarray:
    """Snippet probabilities [..., s, k] of any labels to the share of snippets that each label wins, [..., k]."""
    return np.eye(snippets.shape[-1])[snippets.argmax(-1)].mean(-2)
