"""The two functions that a recipe gives the training engine."""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor, nn

Loss = Callable[[nn.Module, tuple[Tensor, ...]], Tensor]
"""Network and batch to a scalar."""
Score = Callable[[nn.Module], dict[str, float]]
"""Network to named numbers after a round; the round with the highest `score` is kept."""
