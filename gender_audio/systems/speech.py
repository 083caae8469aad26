"""What the systems for a speaking voice share: networks that look at images of snippets, silence, and the pitch."""

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
from gender_audio.systems.speech_features import SpeechFeatures

PITCH_RATE = 16_000

UNPITCHED = "No pitch was found, so this may not be a speaking voice at all."
PAUSES = "Silent stretches were left out of the verdict."


@dataclass(frozen=True, eq=False, kw_only=True)
class SpeechVerdict(Verdict):
    """What a speech system heard in one clip.

    Attributes:
        features: what the networks saw of each snippet, s arrays float32 [rows, frames] of one size.
        pitch_hz: median fundamental frequency of the loudest stretch, or None where no pitch was found. It is shown
            beside the verdict and has no part in it, except that a sound without pitch leaves the system not sure.
    """

    features: tuple[np.ndarray, ...]
    pitch_hz: float | None

    @property
    def extra_fields(self) -> dict[str, Any]:
        """The pitch."""
        return {"pitch_hz": None if self.pitch_hz is None else round(self.pitch_hz, 1)}


class SpeechClassifier(ABC):
    """Networks that look at the same image of every snippet.

    Args:
        members: name to network, from images [s, channels, rows, frames] to logits [s, 2].
        features: what they were trained on.
        calibration: of their mean probability.
    """

    system: ClassVar[System]

    def __init__(self, members: Mapping[str, nn.Module], features: SpeechFeatures, calibration: Calibration) -> None:
        self.members = {name: member.eval() for name, member in members.items()}
        self.features = features
        self.calibration = calibration

    @property
    @abstractmethod
    def network(self) -> nn.Module:
        """The member whose attention is worth a look."""

    @property
    @abstractmethod
    def target_layer(self) -> TargetLayer:
        """Where the attention of `network` is read."""

    def explain(self, features: np.ndarray, label: str, member: str | None = None) -> SaliencyMap:
        """What spoke for a label in one snippet [rows, frames]: to `network`, or to a member by name."""
        looked = self.network if member is None else self.members[member]
        found = mean_saliency(
            [looked], self.features.images([features])[0], self.system.labels.index(label), self.target_layer
        )
        return SaliencyMap(features, found, self.features.axes, self.target_layer)

    def __call__(self, clip: Clip, progress: Progress = lambda share, step: None) -> SpeechVerdict:
        """The verdict on a clip; `progress` is told the share that is done and what comes next.

        Silent snippets are given even odds, no label and no say.

        Raises:
            Silent: there is nothing else in the clip.
        """
        progress(0.0, "Looking at the sound")
        samples = self.features.samples(clip)
        cut = self.features.cut(samples)
        heard = audible(cut)
        if not heard.any():
            raise Silent(TOO_QUIET)
        features = tuple(self.features.from_snippets(cut))
        progress(0.4, "Asking the networks")
        logits = member_logits(self.members.values(), self.features.images(features))
        progress(0.7, "Measuring the pitch")
        pitch_hz = median_pitch(clip.mono(PITCH_RATE), PITCH_RATE)
        snippets = np.where(heard[:, None], self.calibration(mean_of_probabilities(logits).numpy()), 0.5)
        probabilities = snippets[heard].mean(0)
        notes = {PAUSES: not heard.all(), UNPITCHED: pitch_hz is None}
        starts_s = self.features.starts_s(samples)
        return SpeechVerdict(
            system=self.system,
            clip=clip,
            starts_s=starts_s,
            ends_s=np.minimum(starts_s + self.features.windows.length_s, clip.duration_s),
            snippet_probabilities=snippets.astype(np.float32),
            member_names=tuple(self.members),
            member_probabilities=logits.softmax(-1).numpy()[:, heard].mean(1),
            probabilities=probabilities.astype(np.float32),
            uncertain=pitch_hz is None or bool(self.calibration.uncertain(probabilities)),
            notes=tuple(note for note, applies in notes.items() if applies),
            silent_snippets=frozenset(np.flatnonzero(~heard).tolist()),
            features=features,
            pitch_hz=pitch_hz,
        )
