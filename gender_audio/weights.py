"""Trained weights: half-precision safetensors beside a card that describes them and how they were trained."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Protocol, TypeVar

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

STAGE_KINDS = ("train", "continue", "refit", "calibrate", "convert")
"""Kinds of training steps."""
OLD_LABELS = {"world": "other"}
"""Label on cards of earlier versions to its current name."""


class WeightsError(Exception):
    """The weights cannot be used; the text says why and what to do."""


class FeatureParameters(Protocol):
    """A dataclass with the parameters of a feature, and the fingerprint that names them."""

    __dataclass_fields__: ClassVar[dict[str, Any]]

    @property
    def fingerprint(self) -> str: ...


Network = TypeVar("Network", bound=nn.Module)
Feature = TypeVar("Feature", bound=FeatureParameters)


@dataclass(frozen=True)
class Stage:
    """One step of the training of some weights.

    Attributes:
        kind: one of `STAGE_KINDS`.
        command: the command as typed; only for readers of the card.
        seed: random seed of the step.
        splits: splits of the corpora that the step trains on.
        settings: everything else that the result depends on, as JSON values.
    """

    kind: str
    command: str
    seed: int = 0
    splits: tuple[str, ...] = ()
    settings: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.kind not in STAGE_KINDS:
            raise ValueError(f"{self.kind!r} is not one of {', '.join(STAGE_KINDS)}.")

    def differences(self, other: Stage) -> list[str]:
        """The differences from another stage, apart from the command, as readable text."""
        own, others = (
            {"kind": stage.kind, "seed": stage.seed, "splits": stage.splits, **stage.settings}
            for stage in (self, other)
        )
        names = [name for name in {**own, **others} if own.get(name) != others.get(name)]
        return [f"{name} {own.get(name)!r}, not {others.get(name)!r}" for name in names]


@dataclass(frozen=True)
class Card:
    """The description of a folder of weights.

    Attributes:
        system: name of the folder.
        labels: outputs in order; empty for a separator.
        model: arguments of the network.
        feature: arguments of the feature's parameter dataclass.
        fingerprint: the feature's fingerprint.
        inputs: signals that the network takes, one per channel.
        data: corpus to licence.
        metrics: name to number; the name contains the split that it was measured on.
        stages: the training, step by step.
        calibration: arguments of the calibration; empty if there is none.
        separator: fingerprint of the separator in front of the network; empty if there is none.
        folds: person to the fold whose members did not hear them; -1 if all members did.
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
    stages: tuple[Stage, ...]
    calibration: dict[str, float] = field(default_factory=dict)
    separator: str = ""
    folds: dict[str, int] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)

    def require(self, fingerprint: str) -> None:
        """Check that the networks get the feature that they were trained on.

        Raises:
            WeightsError: the networks were trained on a feature with another fingerprint.
        """
        if fingerprint != self.fingerprint:
            raise WeightsError(
                f"The weights of {self.system} were trained on another feature; fetch the repository again."
            )


def card(system: str, folder: Path = FOLDER) -> Card:
    """The card of a system.

    Raises:
        WeightsError: the card or the folder is missing, or the card is damaged or from another version.
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
        return Card(
            **{
                **fields,
                "labels": tuple(OLD_LABELS.get(label, label) for label in fields["labels"]),
                "inputs": tuple(fields["inputs"]),
                "stages": tuple(Stage(**{**stage, "splits": tuple(stage["splits"])}) for stage in fields["stages"]),
            }
        )
    except (ValueError, KeyError, TypeError) as error:
        raise WeightsError(
            f"{path} is damaged, or was written by another version of this program; train {system!r} again or fetch "
            "the repository again."
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


def load_with_feature(
    network: Network, make_feature: Callable[..., Feature], system: str, name: str
) -> tuple[Network, Feature]:
    """Fill a network, and return it with the feature that its card describes.

    Raises:
        WeightsError: as `card`, `Card.require` and `fill`.
    """
    description = card(system)
    feature = make_feature(**description.feature)
    description.require(feature.fingerprint)
    fill(network, system, name)
    return network, feature


def save(networks: dict[str, nn.Module], card: Card, folder: Path = FOLDER) -> None:
    """Write the networks (name to network) in half precision and the card with their hashes; older ones are deleted.

    Older weights stay as they are until everything is written.
    """
    target, files = folder / card.system, {}
    with ExitStack() as stack:  # replaces files in reverse order: the card comes last and names only files that exist
        card_file = stack.enter_context(atomic_write(target / "card.json"))
        for name in sorted(networks):
            file = stack.enter_context(atomic_write(target / f"{name}.safetensors"))
            save_file(_half_precision(networks[name]), file)
            files[file.name] = digest(file)
        text = json.dumps({**asdict(card), "files": files}, indent=1, ensure_ascii=False)
        card_file.write_text(text + "\n", encoding="utf8")
    for older in target.glob("*.safetensors"):
        if older.name not in files:
            older.unlink()


def _half_precision(network: nn.Module) -> dict[str, torch.Tensor]:
    """The parameters and buffers of a network in half precision."""
    return {
        key: value.detach().to(torch.float16 if value.is_floating_point() else value.dtype).contiguous()
        for key, value in network.state_dict().items()
    }


def fingerprint(system: str, folder: Path = FOLDER) -> str:
    """Sixteen hex digits of the files of a system, as its card lists them."""
    return hashlib.sha256(json.dumps(card(system, folder).files, sort_keys=True).encode()).hexdigest()[:16]


def digest(path: Path) -> str:
    """SHA-256 of a file, in hex."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
