"""The speaker system: one second of a voice as a cepstral image, and residual networks that look at it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import torch
from torch import Tensor, nn

from gender_audio import weights
from gender_audio.audio import Clip
from gender_audio.calibration import Calibration
from gender_audio.explain import Lens
from gender_audio.features.mfcc import Mfcc
from gender_audio.models.resnet import ResNet34
from gender_audio.snippets import Windows
from gender_audio.speech import Speech
from gender_audio.systems import SPEAKER

FOLDERS = {"sound": "speaker", "published": "speaker-published"}
BAND_RATE = 16_000
GREY = 64.0
"""Published values are divided by this."""


class Speaker(Speech):
    """Networks of different seeds, each ResNet-34 of reduced width, on windows of one second."""

    system = SPEAKER
    windows = Windows(1.0, 0.5)
    lens = Lens("layer1", 4)
    feature: Mfcc

    def samples(self, clip: Clip) -> np.ndarray:
        """The signal at 48 kHz; for `sound` by way of 16 kHz, like all speech that its networks learnt from."""
        if self.feature.variant == "sound":
            clip = Clip(clip.mono(BAND_RATE)[None], BAND_RATE)
        return clip.mono(self.feature.rate)

    @property
    def network(self) -> nn.Module:
        """The first member; the others differ from it by their seeds."""
        return next(iter(self.members.values()))

    def image(self, features: Sequence[np.ndarray]) -> Tensor:
        """Features, s arrays [12, 98], to [s, 1, 12, 98]."""
        return image(torch.from_numpy(np.stack(features)), self.feature.variant)

    @classmethod
    def load(cls, variant: Literal["sound", "published"] = "sound") -> Speaker:
        """The system with the weights of the repository.

        Args:
            variant: which feature; the networks for `published` know AudioMNIST alone.

        Raises:
            WeightsError: the weights are missing or damaged.
        """
        folder = FOLDERS[variant]
        card = weights.card(folder)
        feature = Mfcc(**card.feature)
        if feature.fingerprint != card.fingerprint:
            raise weights.WeightsError("The networks were trained on another feature; fetch the repository again.")
        members = {}
        for file in sorted(card.files):
            name = file.removesuffix(".safetensors")
            members[name] = ResNet34(**card.model)
            weights.fill(members[name], folder, name)
        return cls(members, feature, Calibration(**card.calibration))


def image(features: Tensor, variant: str) -> Tensor:
    """Features [s, 12, 98] to images [s, 1, 12, 98].

    Of the published ones the first coefficient, the level, becomes zero: it depends on the recording, and clipping it
    has left nothing that a recording at another level could be compared with.
    """
    if variant == "sound":
        return features[:, None].float()
    images = features[:, None].float() / GREY
    return torch.cat([torch.zeros_like(images[:, :, :1]), images[:, :, 1:]], 2)
