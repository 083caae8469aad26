"""Shared by both speech systems: networks on images of snippets, silent snippets, and the pitch."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from torch import nn

from gender_audio.audio import TOO_QUIET, Clip, Silent
from gender_audio.audio.loudness import audible
from gender_audio.calibration import Calibration
from gender_audio.features.pitch import median_pitch
from gender_audio.gradcam import SaliencyMap, TargetLayer, mean_saliency
from gender_audio.systems.base import Progress, Verdict
from gender_audio.systems.ensemble import mean_of_probabilities, member_logits
from gender_audio.systems.labels import System
from gender_audio.systems.speech_features import SPEECH_RATE, SpeechFeatures

NO_PITCH = "No pitch was found, so this may not be a speaking voice."
PAUSES = "Silent stretches were left out of the verdict."


@dataclass(frozen=True, eq=False, kw_only=True)
class SpeechVerdict(Verdict):
    """The result of a speech system for one clip.

    Attributes:
        features: the features of the snippets, s arrays float32 [rows, frames] of the same size.
        pitch_hz: median fundamental frequency of the loudest 15 s in Hz; None if no pitch was found. It does not
            affect the probabilities, but without a pitch the verdict is uncertain.
    """

    features: tuple[np.ndarray, ...]
    pitch_hz: float | None

    @property
    def extra_fields(self) -> dict[str, Any]:
        """The pitch."""
        return {"pitch_hz": None if self.pitch_hz is None else round(self.pitch_hz, 1)}


class SpeechClassifier(ABC):
    """Networks that take the same image of every snippet.

    Args:
        members: name to network, from images [s, channels, rows, frames] to logits [s, 2].
        features: the inputs of the networks.
        calibration: applied to the mean of their probabilities.
    """

    system: ClassVar[System]

    def __init__(self, members: Mapping[str, nn.Module], features: SpeechFeatures, calibration: Calibration) -> None:
        self.members = {name: member.eval() for name, member in members.items()}
        self.features = features
        self.calibration = calibration

    @property
    @abstractmethod
    def network(self) -> nn.Module:
        """The member that `explain` takes by default."""

    @property
    @abstractmethod
    def target_layer(self) -> TargetLayer:
        """The layer of `network` that saliency maps are read from."""

    def explain(self, features: np.ndarray, label: str, member: str | None = None) -> SaliencyMap:
        """The evidence for a label in one snippet [rows, frames].

        Args:
            member: name of a member; `network` by default.
        """
        network = self.network if member is None else self.members[member]
        image = self.features.images([features])[0]
        saliency = mean_saliency([network], image, self.system.labels.index(label), self.target_layer)
        return SaliencyMap(features, saliency, self.features.axes, self.target_layer)

    def __call__(self, clip: Clip, progress: Progress = lambda share, step: None) -> SpeechVerdict:
        """The verdict on a clip. Silent snippets have equal probabilities and no label; the probabilities of the
        clip ignore them.

        Raises:
            Silent: all snippets are silent.
        """
        progress(0.0, "Computing the features")
        samples = self.features.samples(clip)
        snippets = self.features.cut(samples)
        is_audible = audible(snippets)
        if not is_audible.any():
            raise Silent(TOO_QUIET)
        features = tuple(self.features.from_snippets(snippets))
        progress(0.4, "Running the networks")
        logits = member_logits(self.members.values(), self.features.images(features))
        progress(0.7, "Measuring the pitch")
        pitch_hz = median_pitch(clip.mono(SPEECH_RATE), SPEECH_RATE)
        calibrated = self.calibration(mean_of_probabilities(logits).numpy())
        snippet_probabilities = np.where(is_audible[:, None], calibrated, 0.5)
        probabilities = snippet_probabilities[is_audible].mean(0)
        notes = {PAUSES: not is_audible.all(), NO_PITCH: pitch_hz is None}
        starts_s = self.features.starts_s(samples)
        return SpeechVerdict(
            system=self.system,
            clip=clip,
            starts_s=starts_s,
            ends_s=np.minimum(starts_s + self.features.windows.length_s, clip.duration_s),
            snippet_probabilities=snippet_probabilities.astype(np.float32),
            member_names=tuple(self.members),
            member_probabilities=logits.softmax(-1).numpy()[:, is_audible].mean(1),
            probabilities=probabilities.astype(np.float32),
            uncertain=pitch_hz is None or bool(self.calibration.uncertain(probabilities)),
            notes=tuple(note for note, applies in notes.items() if applies),
            silent_snippets=frozenset(np.flatnonzero(~is_audible).tolist()),
            features=features,
            pitch_hz=pitch_hz,
        )
