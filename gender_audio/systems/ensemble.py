"""The ensemble: twenty networks that listen to the same snippets, and the two ways to hear them as one."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

from gender_audio import weights
from gender_audio.features.filterbank import Filterbank
from gender_audio.models.resnet import ResNet34
from gender_audio.systems.registry import SINGING, STUDENT

BATCH = 32
"""Snippets that pass a member at once."""


class Ensemble:
    """Members that share a feature and the signals they listen to.

    Args:
        members: networks from [s, channels, frames, bands] to logits [s, 4].
        feature: the filter bank they were trained on.
        inputs: one of `vocals` or `mixture` per channel.
    """

    def __init__(self, members: Sequence[nn.Module], feature: Filterbank, inputs: tuple[str, ...]) -> None:
        # Up to two fifths less time than channels first takes; torch has no types for it.
        self.members = [member.eval().to(memory_format=torch.channels_last) for member in members]  # type: ignore[call-overload]
        self.feature = feature
        self.inputs = inputs

    @property
    def names(self) -> tuple[str, ...]:
        """Of the members, [m]: 01, 02, ..."""
        return tuple(f"{number:02d}" for number in range(1, len(self.members) + 1))

    @classmethod
    def load(cls, members: int | str | None = None) -> Ensemble:
        """The first so many members in the repository, or all, or the student alone.

        Raises:
            ValueError: there are not that many.
        """
        system = weights_of(members)
        card = weights.card(system)
        names = sorted(name.removesuffix(".safetensors") for name in card.files)
        if isinstance(members, int) and not 1 <= members <= len(names):
            raise ValueError(f"There are {len(names)} members; choose a number from 1 to {len(names)}.")
        feature = Filterbank(**card.feature)
        card.require(feature.fingerprint)
        networks = []
        for name in names[: members if isinstance(members, int) else None]:
            network = ResNet34(**card.model)
            weights.fill(network, system, name)
            networks.append(network)
        return cls(networks, feature, card.inputs)

    def features(self, vocals: Tensor, mixture: Tensor) -> Tensor:
        """Snippets of both signals, [s, n] each, to what the members hear: [s, channels, frames, bands].

        Both signals set the reference level together, whichever the members listen to.
        """
        both = self.feature(torch.stack([vocals, mixture], 1))
        return both[:, [("vocals", "mixture").index(name) for name in self.inputs]]

    @torch.inference_mode()
    def __call__(self, features: Tensor, heard: Callable[[float], None] = lambda share: None) -> Tensor:
        """Logits of every member, [m, s, 4]; `heard` is told the share of the members that are done."""
        logits = []
        for number, member in enumerate(self.members, 1):
            logits.append(torch.cat([member(part) for part in features.split(BATCH)]))
            heard(number / len(self.members))
        return torch.stack(logits)


def weights_of(members: int | str | None) -> str:
    """The folder of weights that has what was asked for: a number of members, all, or the student.

    Raises:
        ValueError: it is neither.
    """
    if isinstance(members, str) and members != STUDENT:
        raise ValueError(f"Members are a number or {STUDENT!r}, not {members!r}.")
    return STUDENT if members == STUDENT else SINGING.name


def mean_of_probabilities(logits: Tensor) -> Tensor:
    """Logits [m, ..., 4] to the ensemble's probabilities [..., 4] (Lakshminarayanan et al. 2017); the rule in use."""
    return logits.softmax(-1).mean(0)


def mean_of_logits(logits: Tensor) -> Tensor:
    """Logits [m, ..., 4] to the ensemble's probabilities [..., 4] by system A's rule."""
    return logits.mean(0).softmax(-1)
