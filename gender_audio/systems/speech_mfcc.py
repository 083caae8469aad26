"""The speaker system: one second of a voice as a cepstral image, and networks that look at it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

import numpy as np
import torch
from torch import Tensor, nn

from gender_audio import weights
from gender_audio.audio import Clip
from gender_audio.calibration import Calibration
from gender_audio.features.framing import Windows
from gender_audio.features.mfcc import Mfcc
from gender_audio.gradcam import TargetLayer
from gender_audio.models.resnet import ResNet34
from gender_audio.models.speech_cnn import CepstralCNN, TimeDelay
from gender_audio.systems.registry import SPEECH_MFCC
from gender_audio.systems.speech import SpeechClassifier

FOLDERS = {"sound": "speech-mfcc", "published": "speech-mfcc-published"}
NETWORKS: dict[str, Callable[..., nn.Module]] = {"member": ResNet34, "cepstral": CepstralCNN, "delay": TimeDelay}
"""Kind of a member, before the number in its name: raw speech asks for depth, clipped cepstra for full resolution."""

LENSES = {"sound": TargetLayer("layer1", 4), "published": TargetLayer("features.0.1", 1)}
BAND_RATE = 16_000
GREY = 64.0
"""Published values are divided by this."""


class MfccSpeechClassifier(SpeechClassifier):
    """Networks of one kind or two and different seeds, on windows of one second."""

    system = SPEECH_MFCC
    windows = Windows(1.0, 0.5)
    feature: Mfcc

    @property
    def lens(self) -> TargetLayer:
        """The first layers, where the image has not shrunk to a few cells yet."""
        return LENSES[self.feature.variant]

    def samples(self, clip: Clip) -> np.ndarray:
        """The signal at 48 kHz; for `sound` by way of 16 kHz, like all speech that its networks learnt from."""
        if self.feature.variant == "sound":
            clip = Clip(clip.mono(BAND_RATE)[None], BAND_RATE)
        return clip.mono(self.feature.rate)

    @property
    def network(self) -> nn.Module:
        """The first member; the others differ from it by their seeds, or look in another way."""
        return next(iter(self.members.values()))

    def image(self, features: Sequence[np.ndarray]) -> Tensor:
        """Features, s arrays [12, 98], to [s, 1, 12, 98]."""
        return image(torch.from_numpy(np.stack(features)), self.feature.variant)

    @classmethod
    def load(cls, variant: Literal["sound", "published"] = "sound") -> MfccSpeechClassifier:
        """The system with the weights of the repository.

        Args:
            variant: which feature; the networks for `published` know AudioMNIST, and other speech in its guise.

        Raises:
            WeightsError: the weights are missing or damaged.
        """
        folder = FOLDERS[variant]
        card = weights.card(folder)
        feature = Mfcc(**card.feature)
        card.require(feature.fingerprint)
        members = {}
        for file in sorted(card.files):
            name = file.removesuffix(".safetensors")
            members[name] = NETWORKS[name.partition("-")[0]](**card.model)
            weights.fill(members[name], folder, name)
        return cls(members, feature, Calibration(**card.calibration))


def image(features: Tensor, variant: str) -> Tensor:
    """Features [s, 12, 98] to images [s, 1, 12, 98]."""
    return features[:, None].float() / (GREY if variant == "published" else 1)
