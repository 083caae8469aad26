"""The speech system on mel images of up to six seconds: four kinds of models, after system C."""

from __future__ import annotations

from torch import nn

from gender_audio import weights
from gender_audio.calibration import Calibration
from gender_audio.features.mel_image import MelImage
from gender_audio.gradcam import TargetLayer
from gender_audio.models.resnet import ResNet34
from gender_audio.models.speech_cnn import CepstralSVM, LargerCNN, SmallCNN
from gender_audio.systems.labels import SPEECH_MEL
from gender_audio.systems.speech import SpeechClassifier
from gender_audio.systems.speech_features import mel_features

MODELS: dict[str, type[nn.Module]] = {
    "svm": CepstralSVM,
    "small": SmallCNN,
    "larger": LargerCNN,
    "transfer": ResNet34,
}
"""Name of a model, and of its file, to its class."""


class MelSpeechClassifier(SpeechClassifier):
    """The models of system C on the same mel image."""

    system = SPEECH_MEL
    target_layer = TargetLayer("layer2", 8)

    @property
    def network(self) -> nn.Module:
        """The network that was trained by transfer."""
        return self.members["transfer"]

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
        return cls(members, mel_features(feature), Calibration(**card.calibration))
