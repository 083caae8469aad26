"""The speech system on MFCC images of one second, after system B."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from torch import nn

from gender_audio import weights
from gender_audio.calibration import Calibration
from gender_audio.features.mfcc import Mfcc
from gender_audio.gradcam import TargetLayer
from gender_audio.models.resnet import ResNet34
from gender_audio.models.speech_cnn import CepstralCNN, TimeDelay
from gender_audio.systems.labels import SPEECH_MFCC
from gender_audio.systems.speech import SpeechClassifier
from gender_audio.systems.speech_features import mfcc_features

FOLDERS = {"sound": "speech-mfcc", "published": "speech-mfcc-published"}
"""Variant of the feature to the folder of its weights."""
NETWORKS: dict[str, Callable[..., nn.Module]] = {"member": ResNet34, "cepstral": CepstralCNN, "delay": TimeDelay}
"""First part of a member's name to its network."""
RESNET_LAYER = TargetLayer("layer1", 4)
CEPSTRAL_LAYER = TargetLayer("features.0.1", 1)


class MfccSpeechClassifier(SpeechClassifier):
    """Networks of one or two kinds, each from several seeds, on windows of one second."""

    system = SPEECH_MFCC

    @property
    def target_layer(self) -> TargetLayer:
        """An early layer: later ones shrink the image to a few cells."""
        return RESNET_LAYER if isinstance(self.network, ResNet34) else CEPSTRAL_LAYER

    @property
    def network(self) -> nn.Module:
        """The first member."""
        return next(iter(self.members.values()))

    @classmethod
    def load(cls, variant: Literal["sound", "published"] = "sound") -> MfccSpeechClassifier:
        """The system with the weights of the repository.

        Args:
            variant: variant of the MFCC. The networks for `published` were trained on the images of AudioMNIST, and on
                other speech processed to resemble them.

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
        return cls(members, mfcc_features(feature), Calibration(**card.calibration))
