"""From snippets to the whole clip."""

from __future__ import annotations

import numpy as np


def whole(snippets: np.ndarray) -> np.ndarray:
    """Snippet probabilities [..., s, 4] to the clip's [..., 4], summing to 1.

    A clip has a voice if its most voiced third has one, so that an instrumental introduction does not hide a singer;
    who sings is decided by all snippets, each weighed by how surely it holds a voice. What speaks for a male-like voice
    in some snippets and for a female-like one in others speaks for more than one. One snippet keeps its answer.
    """
    voiced = 1 - snippets[..., :1]
    third = max(1, round(snippets.shape[-2] / 3))
    presence = np.sort(voiced, axis=-2)[..., -third:, :].mean(-2)
    weight = voiced / np.maximum(voiced.sum(-2, keepdims=True), 1e-12)
    leaning = (snippets[..., 1] - snippets[..., 2])[..., None] * weight
    turns = np.minimum(np.maximum(leaning, 0).sum(-2), np.maximum(-leaning, 0).sum(-2))
    who = (snippets[..., 1:] * weight).sum(-2) + turns * np.array([-1, -1, 2])
    who = who / np.maximum(who.sum(-1, keepdims=True), 1e-12)
    clip = np.concatenate([1 - presence, presence * who], -1)
    return clip / clip.sum(-1, keepdims=True)


def mean(snippets: np.ndarray) -> np.ndarray:
    """Snippet probabilities [..., s, k] of any labels to the clip's [..., k]: their mean."""
    return snippets.mean(-2)


def vote(snippets: np.ndarray) -> np.ndarray:
    """Snippet probabilities [..., s, k] of any labels to the share of the snippets that each label wins, [..., k]."""
    return np.eye(snippets.shape[-1])[snippets.argmax(-1)].mean(-2)
