"""The weights of the repository as the variables of Deezer's TensorFlow graph."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from gender_audio.models.spleeter import CHANNELS
from gender_audio.separation.spleeter import load_networks

LEVELS = len(CHANNELS) - 1
STATISTICS = {"weight": "gamma", "bias": "beta", "running_mean": "moving_mean", "running_var": "moving_variance"}


def checkpoint_variables() -> dict[str, np.ndarray]:
    """The variables of both networks, float32: TensorFlow's name to values with its order of axes.

    Raises:
        WeightsError: the weights are missing or damaged.
    """
    variables = {}
    for stem, network in enumerate(load_networks()):
        state = network.state_dict()
        for ours, theirs in variable_names(stem):
            values = state[ours].numpy()
            # A kernel has its frames and bins first in TensorFlow, and its inputs and outputs in reverse order.
            variables[theirs] = values.transpose(2, 3, 1, 0) if values.ndim == 4 else values
    return variables


def variable_names(stem: int) -> Iterator[tuple[str, str]]:
    """Pairs of our tensor names and TensorFlow's variable names; it numbers the layers of both stems in one row.

    The norm of the deepest level, which TensorFlow's graph has as well, is not used by either.
    """
    layers = {f"down.{level}": _numbered("conv2d", stem * (LEVELS + 1) + level) for level in range(LEVELS)}
    layers["mask"] = _numbered("conv2d", stem * (LEVELS + 1) + LEVELS)
    layers |= {f"up.{level}": _numbered("conv2d_transpose", stem * LEVELS + level) for level in range(LEVELS)}
    for ours, theirs in layers.items():
        yield f"{ours}.weight", f"{theirs}/kernel"
        yield f"{ours}.bias", f"{theirs}/bias"
    norms = {f"down_norm.{level}": level for level in range(LEVELS - 1)}
    norms |= {f"up_norm.{level}": LEVELS + level for level in range(LEVELS)}
    for name, number in norms.items():
        for ours, theirs in STATISTICS.items():
            yield f"{name}.{ours}", f"{_numbered('batch_normalization', stem * 2 * LEVELS + number)}/{theirs}"


def _numbered(name: str, number: int) -> str:
    return f"{name}_{number}" if number else name
