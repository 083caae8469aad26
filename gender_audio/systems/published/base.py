"""The interface of published networks."""

from __future__ import annotations

from typing import Protocol

from torch import Tensor


class PublishedNetwork(Protocol):
    """A published network and its feature.

    Attributes:
        name: folder of its weights.
        title: its name on the page.
        outputs: names of its outputs.
        rate: sample rate of its input in Hz.
    """

    name: str
    title: str
    outputs: tuple[str, ...]
    rate: int

    def __call__(self, snippets: Tensor) -> Tensor:
        """Mono snippets of three seconds, float32 [s, 3 * rate] in -1..1, to its outputs, float32 [s, outputs]."""
        ...
