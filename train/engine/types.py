"""Types of the two functions that a recipe passes to `fit`."""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor, nn

Loss = Callable[[nn.Module, tuple[Tensor, ...]], Tensor]
"""A function from a network and a batch to a scalar."""
Score = Callable[[nn.Module], dict[str, float]]
"""A function from a network to named numbers after each round. The weights with the highest `score` are kept."""
