"""The ensemble: twenty networks that listen to the same snippets, and the two ways to hear them as one."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

from gender_audio import weights
from gender_audio.features.filterbank import Filterbank
from gender_audio.models.resnet import ResNet34

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
        self.members = [member.eval() for member in members]
        self.feature = feature
        self.inputs = inputs

    @classmethod
    def load(cls, count: int | None = None) -> Ensemble:
        """The first `count` members in the repository, or all.

        Raises:
            ValueError: there are not that many.
        """
        card = weights.card("singer")
        names = sorted(name.removesuffix(".safetensors") for name in card.files)
        if count is not None and not 1 <= count <= len(names):
            raise ValueError(f"There are {len(names)} members; choose a number from 1 to {len(names)}.")
        feature = Filterbank(**card.feature)
        if feature.fingerprint != card.fingerprint:
            raise weights.WeightsError("The members were trained on another feature; fetch the repository again.")
        members = []
        for name in names[:count]:
            member = ResNet34(**card.model)
            weights.fill(member, "singer", name)
            members.append(member)
        return cls(members, feature, card.inputs)

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


def mean_of_probabilities(logits: Tensor) -> Tensor:
    """Logits [m, ..., 4] to the ensemble's probabilities [..., 4] (Lakshminarayanan et al. 2017); the rule in use."""
    return logits.softmax(-1).mean(0)


def mean_of_logits(logits: Tensor) -> Tensor:
    """Logits [m, ..., 4] to the ensemble's probabilities [..., 4] by system A's rule."""
    return logits.mean(0).softmax(-1)
