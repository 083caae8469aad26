"""The features of the speech systems: a clip is resampled, cut into snippets and turned into images."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from torch import Tensor

from gender_audio.audio import Clip
from gender_audio.features.axes import FeatureAxes
from gender_audio.features.framing import Windows
from gender_audio.features.mel_image import MelImage
from gender_audio.features.mfcc import Mfcc
from gender_audio.systems.labels import SPEECH_MEL, SPEECH_MFCC

SPEECH_RATE = 16_000
"""Sample rate in Hz of the speech that the networks for `sound` features were trained on."""
PUBLISHED_SCALE = 64.0
"""The published MFCC images, 0..255, are divided by this."""


class Feature(Protocol):
    """Samples [n] at `rate` Hz to a feature [rows, frames]."""

    @property
    def rate(self) -> int: ...

    @property
    def fingerprint(self) -> str: ...

    @property
    def axes(self) -> FeatureAxes: ...

    def __call__(self, samples: np.ndarray) -> np.ndarray: ...


@dataclass(frozen=True)
class SpeechFeatures:
    """The inputs of the networks of a speech system.

    Attributes:
        system: name of the system.
        feature: the feature of one snippet.
        windows: how a clip is cut into snippets.
        via_rate: sample rate in Hz to which a clip is resampled first, before the rate of the feature; None to skip it.
        scale: images are features divided by this.
    """

    system: str
    feature: Feature
    windows: Windows
    via_rate: int | None = None
    scale: float = 1.0

    @property
    def axes(self) -> FeatureAxes:
        """The meaning of rows and frames of the feature."""
        return self.feature.axes

    def samples(self, clip: Clip) -> np.ndarray:
        """The signal of a clip that is cut into snippets, float32 [n] at the rate of the feature."""
        if self.via_rate:
            clip = Clip(clip.mono(self.via_rate)[None], self.via_rate)
        return clip.mono(self.feature.rate)

    def cut(self, samples: np.ndarray) -> np.ndarray:
        """Samples [n] to snippets [s, length]; a clip shorter than one window stays as it is, [1, n]."""
        short = len(samples) < round(self.windows.length_s * self.feature.rate)
        return samples[None] if short else self.windows.cut(samples, self.feature.rate)

    def starts_s(self, samples: np.ndarray) -> np.ndarray:
        """The starts of the snippets of samples [n] in seconds, [s]."""
        return self.windows.starts(len(samples), self.feature.rate) / self.feature.rate

    def from_snippets(self, snippets: np.ndarray) -> list[np.ndarray]:
        """Snippets [s, n] to s features, float32 [rows, frames]."""
        return [self.feature(snippet) for snippet in snippets]

    def images(self, features: Tensor | Sequence[np.ndarray]) -> Tensor:
        """Features [s, rows, frames] to inputs of the networks, [s, 1, rows, frames]."""
        stacked = features if isinstance(features, Tensor) else torch.from_numpy(np.stack(features))
        images = stacked[:, None].float()
        return images if self.scale == 1 else images / self.scale


def mfcc_features(feature: Mfcc) -> SpeechFeatures:
    """MFCC of one second, twice a second. The `sound` variant is computed from a signal resampled to 16 kHz first."""
    windows = Windows(1.0, 0.5)
    if feature.variant == "sound":
        return SpeechFeatures(SPEECH_MFCC.name, feature, windows, via_rate=SPEECH_RATE)
    return SpeechFeatures(SPEECH_MFCC.name, feature, windows, scale=PUBLISHED_SCALE)


def mel_features(feature: MelImage) -> SpeechFeatures:
    """Mel images of up to six seconds, every three seconds."""
    return SpeechFeatures(SPEECH_MEL.name, feature, Windows(6.0, 3.0))
