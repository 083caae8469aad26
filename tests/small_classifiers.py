"""Classifiers with small networks and random weights."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import nn

from gender_audio.calibration import Calibration
from gender_audio.features.mel_image import MelImage
from gender_audio.features.mfcc import Mfcc
from gender_audio.features.stack import Stack
from gender_audio.features.texture import Texture
from gender_audio.models.genre_song import RBFSVM
from gender_audio.models.resnet import ResNet34
from gender_audio.systems.combination import ALL, Combination
from gender_audio.systems.genre import GenreClassifier
from gender_audio.systems.genre_features import SongFeatureExtractor
from gender_audio.systems.genre_models import GenreModels, NetworkSizes
from gender_audio.systems.music_embedding import MusicEmbedding
from gender_audio.systems.speech_features import mel_features, mfcc_features
from gender_audio.systems.speech_mel import MODELS, MelSpeechClassifier
from gender_audio.systems.speech_mfcc import MfccSpeechClassifier

GENRE_NETWORKS = ("picture", "line", "song", "statistics", "tagger", "rnn", "lstm", "attention")


def mfcc_classifier() -> MfccSpeechClassifier:
    """Two members of width 4 on MFCC."""
    torch.manual_seed(0)
    members = {f"member-{number}": ResNet34(1, 4, 2) for number in (1, 2)}
    return MfccSpeechClassifier(members, mfcc_features(Mfcc()), Calibration(1.5, 0.4))


def mel_classifier() -> MelSpeechClassifier:
    """The four models of the mel system; its networks have width 4."""
    torch.manual_seed(0)
    arguments = {"svm": {}, "small": {"channels": 1}, "larger": {"width": 4}, "transfer": {"width": 4, "classes": 2}}
    return MelSpeechClassifier(
        {name: MODELS[name](**arguments[name]) for name in MODELS}, mel_features(MelImage()), Calibration(1.5, 0.4)
    )


@dataclass(frozen=True)
class Loudness:
    """A published network that measures the level and the peak of a snippet."""

    name: str
    rate: int
    title: str
    outputs: tuple[str, ...] = ("level", "peak")

    def __call__(self, snippets: torch.Tensor) -> torch.Tensor:
        assert snippets.shape[1] == 3 * self.rate
        return torch.stack([snippets.square().mean(1), snippets.abs().amax(1)], 1)


def combination() -> Combination:
    """Two published networks with random regressions."""
    torch.manual_seed(0)
    networks = [Loudness("slow", 16_000, "Slow (published)"), Loudness("fast", 32_000, "Fast (published)")]
    regressions = {ALL: nn.Linear(8, 4), "slow": nn.Linear(2, 4), "fast": nn.Linear(2, 4)}
    return Combination(networks, regressions, Calibration(1.2, 0.4))


def genre_classifier() -> GenreClassifier:
    """Two folds of small networks for every method; `together` decides."""
    torch.manual_seed(0)
    sizes = NetworkSizes(picture=4, line=(8, 8), statistics=(8_704, 4, 2))
    networks = {name: nn.ModuleList(sizes.build(name) for _ in range(2)) for name in GENRE_NETWORKS}
    svm = RBFSVM(Texture().size, 3, gamma=0.001)
    svm.vectors.normal_()
    svm.weights.copy_(torch.tensor([1.0, -0.7, 0.4]))
    networks["texture"] = nn.ModuleList([svm])
    return GenreClassifier(
        SongFeatureExtractor(Stack(), MusicEmbedding.load()), GenreModels(networks), "together", Calibration(1.5, 0.4)
    )
