"""The ensemble of the singing system, and two rules that average its members."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import torch
from torch import Tensor, nn

from gender_audio import weights
from gender_audio.models.resnet import ResNet34
from gender_audio.systems.labels import SINGING

BATCH = 32
"""Snippets that pass through a member at once."""


class Ensemble:
    """The members of the singing system.

    Args:
        members: networks from [s, channels, frames, bands] to logits [s, 4].
    """

    def __init__(self, members: Sequence[nn.Module]) -> None:
        # Channels last saves up to two fifths of the time; torch has no types for it.
        self.members = [member.eval().to(memory_format=torch.channels_last) for member in members]  # type: ignore[call-overload]

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the members, [m]: 01, 02, ..."""
        return tuple(f"{number:02d}" for number in range(1, len(self.members) + 1))

    @classmethod
    def load(cls, members: int | None = None) -> Ensemble:
        """The first `members` networks in the repository, or all of them.

        Raises:
            ValueError: the ensemble has fewer members.
            WeightsError: the weights are missing or damaged.
        """
        card = weights.card(SINGING.name)
        names = sorted(name.removesuffix(".safetensors") for name in card.files)
        if members is not None and not 1 <= members <= len(names):
            raise ValueError(f"There are {len(names)} members; choose a number from 1 to {len(names)}.")
        networks = []
        for name in names[:members]:
            network = ResNet34(**card.model)
            weights.fill(network, SINGING.name, name)
            networks.append(network)
        return cls(networks)

    def __call__(self, features: Tensor, progress: Callable[[float], None] = lambda share: None) -> Tensor:
        """Logits of every member, [m, s, 4]; calls `progress` with the share of the members that are done."""
        logits = []
        for number, member in enumerate(self.members, 1):
            logits.append(member_logits([member], features))
            progress(number / len(self.members))
        return torch.cat(logits)


@torch.inference_mode()
def member_logits(members: Iterable[nn.Module], images: Tensor) -> Tensor:
    """Logits of every member for images [s, channels, height, width], in batches: [m, s, labels]."""
    parts = images.split(BATCH)
    return torch.stack([torch.cat([member(part) for part in parts]) for member in members])


def mean_of_probabilities(logits: Tensor) -> Tensor:
    """Logits [m, ..., k] to probabilities of the ensemble [..., k] (Lakshminarayanan et al. 2017); the rule in use."""
    return logits.softmax(-1).mean(0)


def mean_of_logits(logits: Tensor) -> Tensor:
    """Logits [m, ..., k] to probabilities of the ensemble [..., k] by the rule of system A."""
    return logits.mean(0).softmax(-1)
