"""What the systems for a speaking voice share: networks that look at images of snippets, silence, and the pitch."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

import numpy as np
import torch
from torch import Tensor, nn

from gender_audio.audio import TOO_QUIET, Clip, Silent
from gender_audio.audio.loudness import audible
from gender_audio.calibration import Calibration
from gender_audio.features.axes import FeatureAxes
from gender_audio.features.framing import Windows
from gender_audio.features.pitch import median_pitch
from gender_audio.gradcam import SaliencyMap, TargetLayer, mean_saliency
from gender_audio.systems.base import Progress, Verdict
from gender_audio.systems.ensemble import BATCH, mean_of_probabilities
from gender_audio.systems.registry import System

PITCH_RATE = 16_000

UNPITCHED = "No pitch was found, so this may not be a speaking voice at all."
PAUSES = "Silent stretches were left out of the verdict."


class Feature(Protocol):
    """Samples [n] at `rate` Hz to what the networks see of them, [rows, frames]."""

    @property
    def rate(self) -> int: ...

    @property
    def grid(self) -> FeatureAxes: ...

    def __call__(self, samples: np.ndarray) -> np.ndarray: ...


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
    def aside(self) -> str:
        """The pitch, which the networks are not told."""
        if self.pitch_hz is None:
            return ""
        return f"Median pitch {self.pitch_hz:.0f} Hz. It had no part in the verdict and is no evidence by itself."

    @property
    def extra_fields(self) -> dict[str, Any]:
        """The pitch."""
        return {"pitch_hz": None if self.pitch_hz is None else round(self.pitch_hz, 1)}


class SpeechClassifier(ABC):
    """Networks that look at the same image of every snippet.

    Args:
        members: name to network, from images [s, channels, rows, frames] to logits [s, 2].
        feature: what they were trained on.
        calibration: of their mean probability.
    """

    system: ClassVar[System]
    windows: ClassVar[Windows]

    def __init__(self, members: Mapping[str, nn.Module], feature: Feature, calibration: Calibration) -> None:
        self.members = {name: member.eval() for name, member in members.items()}
        self.feature = feature
        self.calibration = calibration

    @property
    @abstractmethod
    def network(self) -> nn.Module:
        """The member whose attention is worth a look."""

    @property
    @abstractmethod
    def lens(self) -> TargetLayer:
        """Where the attention of `network` is read."""

    @abstractmethod
    def image(self, features: Sequence[np.ndarray]) -> Tensor:
        """Features, s arrays [rows, frames], to what the networks take: [s, channels, rows, frames]."""

    def samples(self, clip: Clip) -> np.ndarray:
        """The signal that is cut into snippets, float32 [n] at the rate of the feature."""
        return clip.mono(self.feature.rate)

    @torch.inference_mode()
    def listen(self, features: Sequence[np.ndarray]) -> Tensor:
        """Logits of every member for every snippet, [m, s, 2]."""
        parts = self.image(features).split(BATCH)
        return torch.stack([torch.cat([member(part) for part in parts]) for member in self.members.values()])

    def explain(self, features: np.ndarray, label: str, member: str | None = None) -> SaliencyMap:
        """What spoke for a label in one snippet [rows, frames]: to `network`, or to a member by name."""
        looked = self.network if member is None else self.members[member]
        found = mean_saliency([looked], self.image([features])[0], self.system.labels.index(label), self.lens)
        return SaliencyMap(features, found, self.feature.grid, self.lens)

    def __call__(self, clip: Clip, progress: Progress = lambda share, step: None) -> SpeechVerdict:
        """The verdict on a clip; `progress` is told the share that is done and what comes next.

        Silent snippets are given even odds, no label and no say.

        Raises:
            Silent: there is nothing else in the clip.
        """
        progress(0.0, "Looking at the sound")
        samples = self.samples(clip)
        cut = self.cut(samples)
        heard = audible(cut)
        if not heard.any():
            raise Silent(TOO_QUIET)
        features = tuple(self.feature(snippet) for snippet in cut)
        progress(0.4, "Asking the networks")
        logits = self.listen(features)
        progress(0.7, "Measuring the pitch")
        pitch_hz = median_pitch(clip.mono(PITCH_RATE), PITCH_RATE)
        snippets = np.where(heard[:, None], self.calibration(mean_of_probabilities(logits).numpy()), 0.5)
        probabilities = snippets[heard].mean(0)
        notes = {PAUSES: not heard.all(), UNPITCHED: pitch_hz is None}
        starts_s = self.windows.starts(len(samples), self.feature.rate) / self.feature.rate
        return SpeechVerdict(
            system=self.system,
            clip=clip,
            starts_s=starts_s,
            ends_s=np.minimum(starts_s + self.windows.length_s, clip.duration_s),
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

    def cut(self, samples: np.ndarray) -> np.ndarray:
        """Samples [n] to snippets [s, length]; one that is shorter than a window stays as it is, [1, n]."""
        whole = len(samples) < round(self.windows.length_s * self.feature.rate)
        return samples[None] if whole else self.windows.cut(samples, self.feature.rate)
