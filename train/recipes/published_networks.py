"""Convert two published networks: the event detector of FireRedVAD from ONNX, and EfficientAT from its state dict."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pooch
import torch
from torch import nn

from gender_audio import weights
from gender_audio.features.efficientat_mel import EfficientATMel
from gender_audio.features.kaldi import KaldiFbank
from gender_audio.models.efficientat import EfficientAT
from gender_audio.models.fireredvad import BANDS, BLOCKS, FireRedVAD
from gender_audio.systems.published import efficientat, fireredvad
from train.recipes.conversion import converted_card

FIRERED = "https://github.com/FireRedTeam/FireRedVAD/raw/main/pretrained_models/onnx_models"
EFFICIENTAT = "https://github.com/fschmid56/EfficientAT/releases/download/v0.0.1"


@dataclass(frozen=True)
class Published:
    """Files of a published network: name to SHA-256, and the address of their folder."""

    url: str
    files: Mapping[str, str]
    licence: str

    def read(self, folder: Path | None) -> list[bytes]:
        """The contents of the files: from a folder, or downloaded.

        Raises:
            WeightsError: a file is missing, cannot be downloaded, or is another one.
        """
        return [self._path(name, folder).read_bytes() for name in self.files]

    def _path(self, name: str, folder: Path | None) -> Path:
        if folder is None:
            try:
                return Path(pooch.retrieve(f"{self.url}/{name}", f"sha256:{self.files[name]}"))
            except (OSError, ValueError) as error:
                raise weights.WeightsError(
                    f"{self.url}/{name} cannot be fetched: {error}. Fetch it by hand and name its folder with --folder."
                ) from error
        path = folder / name
        if not path.is_file() or weights.digest(path) != self.files[name]:
            raise weights.WeightsError(f"{path} is missing, or is not the published file.")
        return path


NETWORKS = {
    fireredvad.NAME: Published(
        FIRERED,
        {
            "fireredvad_aed.onnx": "4ec27ccd86b16c38aec043215d5d2e528c07eb3b7bad8f14d636633166cff137",
            "cmvn.ark": "c87f6f13edf0f0ec7535ddfc9cc3387d9268cb234b70182d566c5e2edf3ca473",
        },
        "training data not published; FireRedVAD's weights, Apache-2.0, © FireRedTeam",
    ),
    efficientat.NAME: Published(
        EFFICIENTAT,
        {"mn04_as_mAP_432.pt": "899a8c6217063f6941793102a2780b3dd788ab11fce468d9cf5f0577c453321c"},
        "AudioSet; EfficientAT's weights, MIT, © Florian Schmid, Institute of Computational Perception, JKU Linz",
    ),
}


def convert_fireredvad(onnx_file: bytes, cmvn: bytes) -> FireRedVAD:
    """The network from the contents of `fireredvad_aed.onnx` and `cmvn.ark`."""
    import onnx
    from onnx import numpy_helper

    graph = onnx.load_model_from_string(onnx_file).graph
    tensors = {tensor.name: torch.from_numpy(numpy_helper.to_array(tensor).copy()) for tensor in graph.initializer}
    # Matrices have no names of their own; they come in the order of the layers.
    products = [node.input[1] for node in graph.node if node.op_type == "MatMul"]
    matrices = iter([tensors[name].T for name in products])
    mean, deviation = read_cmvn(cmvn)
    state = {"mean": mean, "deviation": deviation}
    for block in range(BLOCKS):
        dense = f"model.dfsmn.fsmns.{block - 1}.fc1.0" if block else "model.dfsmn.fc1.0"
        memory = f"model.dfsmn.fsmns.{block - 1}.fsmn" if block else "model.dfsmn.fsmn1"
        state[f"expand.{block}.weight"], state[f"expand.{block}.bias"] = next(matrices), tensors[f"{dense}.bias"]
        state[f"project.{block}.weight"] = next(matrices)
        for direction in ("lookback", "lookahead"):
            state[f"memory.{block}.{direction}.weight"] = tensors[f"{memory}.{direction}_filter.weight"]
    state["project.0.bias"] = tensors["model.dfsmn.fc2.0.bias"]
    state["last.weight"], state["last.bias"] = next(matrices), tensors["model.dfsmn.dnns.0.bias"]
    state["out.weight"], state["out.bias"] = next(matrices), tensors["model.out.bias"]
    network = FireRedVAD()
    network.load_state_dict(state)
    return network.eval()


def read_cmvn(content: bytes) -> tuple[torch.Tensor, torch.Tensor]:
    """Mean and standard deviation of the bands from Kaldi's statistics: sums, sums of squares, and the count."""
    header = len(b"\0BDM \4") + 4 + 1 + 4
    sums, squares = np.frombuffer(content, "<f8", offset=header).reshape(2, BANDS + 1)
    mean = sums[:-1] / sums[-1]
    variance = squares[:-1] / sums[-1] - mean**2
    return torch.from_numpy(mean).float(), torch.from_numpy(np.sqrt(variance)).float()


def convert_efficientat(content: bytes) -> EfficientAT:
    """The network from the contents of its published state dict."""
    published = torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)
    network = EfficientAT()
    state = {}
    for name, values in published.items():
        ours = name.replace(".conc_se_layers.0.", ".").replace("classifier.2.", "classifier.0.")
        ours = f"network.{ours.replace('classifier.5.', 'classifier.3.')}"
        # Squeeze-and-excitation layers are dense there and convolutions of one pixel here.
        state[ours] = values[..., None, None] if ".conc_se_layers." in name and values.dim() == 2 else values
    network.load_state_dict(state)
    return network.eval()


def fetch_and_export(name: str, command: str, folder: Path | None = None) -> None:
    """Read or download and convert the published network called `name`, and write its weights.

    Raises:
        WeightsError: as `Published.read`.
    """
    published = NETWORKS[name]
    contents = published.read(folder)
    feature: KaldiFbank | EfficientATMel
    network: nn.Module
    if name == fireredvad.NAME:
        feature, network = KaldiFbank(), convert_fireredvad(*contents)
    else:
        feature, network = EfficientATMel(), convert_efficientat(*contents)
    stage = weights.Stage("convert", command, settings={"url": published.url, **published.files})
    weights.save({name: network}, converted_card(name, feature, {name: published.licence}, stage))
