"""Where a residual network starts from: a member of the singer ensemble, or nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from torch import Tensor

from gender_audio import weights
from gender_audio.models.resnet import ResNet34
from train.data.validation import LayoutError

State = dict[str, Tensor]


def singer(width: int) -> State:
    """The first member of the shipped ensemble, turned from [frames, bands] to [bands, frames].

    Raises:
        LayoutError: it has another width or more than one channel.
    """
    arguments = weights.card("singing").model
    if arguments != {"channels": 1, "width": width}:
        heard = ", ".join(f"{name} {number}" for name, number in arguments.items())
        raise LayoutError(
            f"The shipped members of the singer ensemble are networks of {heard}, and one of channels 1, width {width} "
            f"is needed to start from: train members with --inputs vocals or mixture, or let {weights.VARIABLE} name a "
            "folder with such members."
        )
    network = ResNet34(**arguments)
    weights.fill(network, "singing", "member-01")
    return {name: value.mT if value.dim() == 4 else value for name, value in network.state_dict().items()}


def scratch(width: int) -> State:  # noqa: ARG001
    """Nothing."""
    return {}


STARTS: dict[str, Callable[[int], State]] = {"singing": singer, "scratch": scratch}


def origin(name: str) -> str:
    """Names a start and, where they change from one training to the next, the weights that it takes."""
    return f"{name} {weights.fingerprint('singing')}" if name == "singing" else name


def start(state: State, width: int, classes: int = 2) -> ResNet34:
    """A network for one channel with the trunk of that state and a new head."""
    network = ResNet34(1, width, classes)
    trunk = {key: value.clone() for key, value in state.items() if not key.startswith("fc.")}
    network.load_state_dict({**network.state_dict(), **trunk})
    return network


def heard(name: str) -> dict[str, str]:
    """Corpus to licence, of what a trunk has learnt from."""
    return weights.card("singing").data if name == "singing" else {}


@contextmanager
def frozen(network: ResNet34) -> Iterator[None]:
    """Inside, only the head learns; the statistics of the normalisation go on adapting."""
    trunk = [parameter for name, parameter in network.named_parameters() if not name.startswith("fc.")]
    for parameter in trunk:
        parameter.requires_grad_(False)
    try:
        yield
    finally:
        for parameter in trunk:
            parameter.requires_grad_(True)
