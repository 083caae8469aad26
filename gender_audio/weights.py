"""Trained weights: half-precision safetensors beside a card that says what they are and where they come from."""

from __future__ import annotations

import hashlib
import json
import os
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import nn

from gender_audio.atomic_write import atomic_write

VARIABLE = "GENDER_AUDIO_WEIGHTS"
"""Environment variable that names another folder of weights."""

_INSTALLED = Path(__file__).resolve().with_name("shipped_weights")
_CHECKOUT = Path(__file__).resolve().parents[1] / "weights"
FOLDER = Path(os.environ.get(VARIABLE) or (_INSTALLED if _INSTALLED.is_dir() else _CHECKOUT))
"""Folder of the weights: the one that `VARIABLE` names, else the installed package's, else the repository's."""


class WeightsError(Exception):
    """The weights cannot be used; the text says why and what to do."""


@dataclass(frozen=True)
class Card:
    """What a folder of weights says of itself.

    Attributes:
        system: name of the folder.
        labels: outputs in order; empty for a separator.
        model: arguments of the network.
        feature: arguments of the feature's parameter dataclass.
        fingerprint: the feature's fingerprint.
        inputs: what the network listens to, one entry per channel.
        data: corpus to licence.
        metrics: name to number, measured on the split that the name says.
        calibration: arguments of the calibration; empty where there is none.
        separator: fingerprint of the separator that the inputs came through; empty where they came through none.
        command: what was typed to train them.
        files: file name to SHA-256.
    """

    system: str
    labels: tuple[str, ...]
    model: dict[str, Any]
    feature: dict[str, Any]
    fingerprint: str
    inputs: tuple[str, ...]
    data: dict[str, str]
    metrics: dict[str, float]
    command: str
    calibration: dict[str, float] = field(default_factory=dict)
    separator: str = ""
    files: dict[str, str] = field(default_factory=dict)

    def require(self, fingerprint: str) -> None:
        """Make sure that the networks hear what they were trained on.

        Raises:
            WeightsError: they were trained on another feature than the one with this fingerprint.
        """
        if fingerprint != self.fingerprint:
            raise WeightsError(f"The weights of {self.system} are for another feature; fetch the repository again.")


def card(system: str, folder: Path = FOLDER) -> Card:
    """The card of a system.

    Raises:
        WeightsError: there is none, or not even the folder; or it does not say what is needed.
    """
    path = folder / system / "card.json"
    if not folder.is_dir():
        raise WeightsError(f"There is no folder {folder} with weights; {VARIABLE} may name another one.")
    if not path.exists():
        raise WeightsError(
            f"There are no weights for {system!r} in {folder}; train them or fetch the repository again."
        )
    try:
        fields = json.loads(path.read_text(encoding="utf8"))
        return Card(**{**fields, "labels": tuple(fields["labels"]), "inputs": tuple(fields["inputs"])})
    except (ValueError, KeyError, TypeError) as error:
        raise WeightsError(
            f"{path} is damaged, or was written by another version of this program; train {system!r} anew or fetch the "
            "repository again."
        ) from error


def fill(network: nn.Module, system: str, name: str, folder: Path = FOLDER) -> None:
    """Load `weights/<system>/<name>.safetensors` into the network, in place, as float32.

    Raises:
        WeightsError: the file is missing, is not the one the card names, or does not fit the network.
    """
    path = folder / system / f"{name}.safetensors"
    expected = card(system, folder).files.get(path.name)
    if not path.exists() or digest(path) != expected:
        raise WeightsError(f"{path} is missing or is not the file that its card names; fetch the repository again.")
    try:
        network.load_state_dict({key: value.float() for key, value in load_file(path).items()})
    except RuntimeError as error:
        raise WeightsError(f"{path} does not fit the network that its card describes.") from error


def save(networks: dict[str, nn.Module], card: Card, folder: Path = FOLDER) -> None:
    """Write the networks (name to network) in half precision and the card with their hashes; older ones go.

    Until all is written, the older ones stay as they are.
    """
    place, files = folder / card.system, {}
    with ExitStack() as written:  # moves what was entered first last: the card names no file that is not there yet
        told = written.enter_context(atomic_write(place / "card.json"))
        for name in sorted(networks):
            made = written.enter_context(atomic_write(place / f"{name}.safetensors"))
            save_file(_halved(networks[name]), made)
            files[made.name] = digest(made)
        text = json.dumps({**asdict(card), "files": files}, indent=1, ensure_ascii=False)
        told.write_text(text + "\n", encoding="utf8")
    for older in place.glob("*.safetensors"):
        if older.name not in files:
            older.unlink()


def _halved(network: nn.Module) -> dict[str, torch.Tensor]:
    """What a network has learnt, in half precision."""
    return {
        key: value.detach().to(torch.float16 if value.is_floating_point() else value.dtype).contiguous()
        for key, value in network.state_dict().items()
    }


def fingerprint(system: str, folder: Path = FOLDER) -> str:
    """Sixteen hex digits that name the files of a system, as its card lists them."""
    return hashlib.sha256(json.dumps(card(system, folder).files, sort_keys=True).encode()).hexdigest()[:16]


def digest(path: Path) -> str:
    """SHA-256 of a file, in hex."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
