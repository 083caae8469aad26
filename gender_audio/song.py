"""From snippets to the whole clip."""

from __future__ import annotations

import numpy as np


def whole(snippets: np.ndarray) -> np.ndarray:
    """Snippet probabilities [..., s, 4] to the clip's [..., 4], summing to 1.

    A clip has a voice if its most voiced third has one, so that an instrumental introduction does not hide a singer;
    who sings is decided by all snippets, each weighed by how surely it holds a voice. One snippet keeps its answer.
    """
    voiced = 1 - snippets[..., :1]
    third = max(1, round(snippets.shape[-2] / 3))
    presence = np.sort(voiced, axis=-2)[..., -third:, :].mean(-2)
    who = (snippets[..., 1:] * voiced).sum(-2)
    who = who / np.maximum(who.sum(-1, keepdims=True), 1e-12)
    clip = np.concatenate([1 - presence, presence * who], -1)
    return clip / clip.sum(-1, keepdims=True)
