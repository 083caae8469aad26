"""The trunk that a residual network starts from: a member of the singing ensemble, or random weights."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from torch import Tensor

from gender_audio import weights
from gender_audio.models.resnet import ResNet34
from gender_audio.systems.labels import SINGING
from train.data.validation import LayoutError

State = dict[str, Tensor]


def singing_state(width: int) -> State:
    """Weights of the first member of the singing ensemble, with [frames, bands] transposed to [bands, frames].

    Raises:
        LayoutError: it has another width or more than one channel.
    """
    arguments = weights.card(SINGING.name).model
    if arguments != {"channels": 1, "width": width}:
        actual = ", ".join(f"{name} {number}" for name, number in arguments.items())
        raise LayoutError(
            f"The members in {weights.FOLDER / SINGING.name} are networks of {actual}, but the trunk needs channels 1, "
            f"width {width}: train members with --inputs vocals or mixture, or let {weights.VARIABLE} name a folder "
            "with such members."
        )
    network = ResNet34(**arguments)
    weights.fill(network, SINGING.name, "member-01")
    return {name: value.mT if value.dim() == 4 else value for name, value in network.state_dict().items()}


def empty_state(width: int) -> State:  # noqa: ARG001
    """No weights: training starts from random ones."""
    return {}


TRUNKS: dict[str, Callable[[int], State]] = {"singing": singing_state, "scratch": empty_state}


def trunk_name(name: str) -> str:
    """The name of a trunk with the fingerprint of its weights, for names of runs."""
    return f"{name} {weights.fingerprint(SINGING.name)}" if name == "singing" else name


def network_from(state: State, width: int, classes: int = 2) -> ResNet34:
    """A network for one channel with the trunk of that state and a new head."""
    network = ResNet34(1, width, classes)
    trunk = {key: value.clone() for key, value in state.items() if not key.startswith("fc.")}
    network.load_state_dict({**network.state_dict(), **trunk})
    return network


def trunk_licences(name: str) -> dict[str, str]:
    """Corpus to licence, of the data that a trunk was trained on."""
    return weights.card(SINGING.name).data if name == "singing" else {}


@contextmanager
def frozen(network: ResNet34) -> Iterator[None]:
    """Train only the head inside this context; the statistics of the normalisation still adapt."""
    trunk = [parameter for name, parameter in network.named_parameters() if not name.startswith("fc.")]
    for parameter in trunk:
        parameter.requires_grad_(False)
    try:
        yield
    finally:
        for parameter in trunk:
            parameter.requires_grad_(True)
