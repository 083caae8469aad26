"""The published tagger, MSD_musicnn, from TensorFlow's checkpoint in the package `musicnn` to `weights/tagger`."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZipFile

import numpy as np
import torch

from gender_audio import weights
from gender_audio.features.logmel import LogMel
from gender_audio.models.tagger import Tagger
from gender_audio.systems.music_embedding import NAME, SYSTEM

PINNED = "musicnn==0.1.0 --hash=sha256:f38a4890c648c1ddbb141c5d96d2b0a8cfcd36746002d896989f7b88beb65cfa"
CHECKPOINT = "musicnn/MSD_musicnn/"
"""MTT_musicnn beside it learnt from MagnaTagATune, which is Magnatune's music, as are the shared songs: a leak."""
FILES = ("index", "data-00000-of-00001")
LICENCE = (
    "last.fm tags of the Million Song Dataset; musicnn's weights, ISC, © Music Technology Group, "
    "Universitat Pompeu Fabra"
)
NO_TENSORFLOW = "The checkpoint is TensorFlow's: please run `pip install tensorflow-cpu` in this environment once."
STATISTICS = {"gamma": "weight", "beta": "bias", "moving_mean": "running_mean", "moving_variance": "running_var"}


class TaggerError(weights.WeightsError):
    """The published weights cannot be had; the text says why and what to do."""


def fetch(folder: Path) -> Path:
    """Have pip bring the package, of which only the right one will do, and unpack the checkpoint into the folder.

    Returns:
        The checkpoint as TensorFlow names it: the path of its files without their endings.

    Raises:
        TaggerError: it cannot be fetched.
    """
    wanted = folder / "requirements.txt"
    wanted.write_text(PINNED, encoding="utf8")
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
    if subprocess.run([*pip, "--require-hashes", "-r", str(wanted), "-d", str(folder)], check=False).returncode:
        raise TaggerError("The package musicnn cannot be fetched from PyPI; please check the network and try again.")
    with ZipFile(next(folder.glob("*.whl"))) as wheel:
        for ending in FILES:
            (folder / f"checkpoint.{ending}").write_bytes(wheel.read(f"{CHECKPOINT}.{ending}"))
    return folder / "checkpoint"


def read_checkpoint(checkpoint: Path) -> dict[str, np.ndarray]:
    """What TensorFlow kept of the network: name to values.

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
    """Names of the network's tensors, and of TensorFlow's variables, which are counted in the order of the layers."""
    convolutions = [*(f"filters.{number}" for number in range(5)), *(f"middle.{number}" for number in range(3))]
    norms = ["norm", *(f"{name}.norm" for name in convolutions), "dense.0", "dense.3"]
    for number, name in enumerate(norms):
        for theirs, ours in STATISTICS.items():
            yield f"{name}.{ours}", f"{_counted('batch_normalization', number)}/{theirs}"
    layers = {"conv2d": [f"{name}.convolution" for name in convolutions], "dense": ["dense.1", "tags"]}
    for kind, names in layers.items():
        for number, name in enumerate(names):
            yield f"{name}.weight", f"{_counted(kind, number)}/kernel"
            yield f"{name}.bias", f"{_counted(kind, number)}/bias"


def _counted(name: str, number: int) -> str:
    return f"{name}_{number}" if number else name


def convert(found: Mapping[str, np.ndarray]) -> Tagger:
    """The network with these variables."""
    network = Tagger()
    state = network.state_dict()
    for ours, theirs in tensor_names():
        values = torch.from_numpy(found[theirs])
        if values.dim() == 2:
            values = values.T
        elif values.dim() == 4:  # [frames, bands, 1, outputs]
            values = values.permute(3, 2, 0, 1)
        if state[ours].dim() == 3:  # a convolution along time has inputs where others have bands
            values = values[:, 0].mT
        state[ours] = values
    network.load_state_dict(state)
    return network.eval()


def export(network: Tagger, command: str) -> None:
    """Write `weights/tagger`."""
    feature = LogMel()
    card = weights.Card(
        system=SYSTEM,
        labels=(),
        model={},
        feature=asdict(feature),
        fingerprint=feature.fingerprint,
        inputs=("mixture",),
        data={"msd": LICENCE},
        metrics={},
        command=command,
    )
    weights.save({NAME: network}, card)


def fetch_and_export(command: str) -> None:
    """Fetch, convert and ship.

    Raises:
        TaggerError: the package or TensorFlow cannot be had.
    """
    with TemporaryDirectory() as folder:
        network = convert(read_checkpoint(fetch(Path(folder))))
    export(network, command)
