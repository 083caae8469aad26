"""The voice system: up to six seconds as a mel image, and four kinds of models side by side."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn

from gender_audio import weights
from gender_audio.calibration import Calibration
from gender_audio.features.framing import Windows
from gender_audio.features.mel_image import MelImage
from gender_audio.gradcam import TargetLayer
from gender_audio.models.resnet import ResNet34
from gender_audio.models.speech_cnn import CepstralSVM, LargerCNN, SmallCNN
from gender_audio.systems.registry import SPEECH_MEL
from gender_audio.systems.speech import SpeechClassifier

MODELS: dict[str, type[nn.Module]] = {
    "svm": CepstralSVM,
    "small": SmallCNN,
    "larger": LargerCNN,
    "transfer": ResNet34,
}
"""Name of a model, and of its file, to its class."""


class MelSpeechClassifier(SpeechClassifier):
    """The models of system C, each on the same image of up to six seconds."""

    system = SPEECH_MEL
    windows = Windows(6.0, 3.0)
    lens = TargetLayer("layer2", 8)
    feature: MelImage

    @property
    def network(self) -> nn.Module:
        """The network that was trained by transfer."""
        return self.members["transfer"]

    def image(self, features: Sequence[np.ndarray]) -> Tensor:
        """Features, s arrays [bands, frames], to [s, 1, bands, frames]."""
        return torch.from_numpy(np.stack(features))[:, None]

    @classmethod
    def load(cls) -> MelSpeechClassifier:
        """The system with the weights of the repository.

        Raises:
            WeightsError: the weights are missing or damaged.
        """
        card = weights.card("speech-mel")
        feature = MelImage(**card.feature)
        card.require(feature.fingerprint)
        members = {}
        for name, arguments in card.model.items():
            members[name] = MODELS[name](**arguments)
            weights.fill(members[name], "speech-mel", name)
        return cls(members, feature, Calibration(**card.calibration))
