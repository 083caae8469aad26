"""Fake classifiers: they return verdicts with plausible numbers and run no network."""

from __future__ import annotations

from threading import Event

import numpy as np
from scipy.special import softmax

from gender_audio.audio import Clip
from gender_audio.features.filterbank import Filterbank
from gender_audio.features.mel_image import MelImage
from gender_audio.features.mfcc import Mfcc
from gender_audio.gradcam import SINGING_TARGET_LAYER, SaliencyMap, TargetLayer
from gender_audio.separation import Stems
from gender_audio.systems.base import Progress
from gender_audio.systems.combination import PublishedAnswer
from gender_audio.systems.labels import SINGING, SPEECH_MEL, SPEECH_MFCC, System
from gender_audio.systems.singing import SingingVerdict
from gender_audio.systems.speech import SpeechVerdict
from gender_audio.systems.speech_features import mel_features, mfcc_features

MEMBERS = 20
TIMEOUT_S = 60.0


def fake_verdict(clip: Clip, label: str = "female", confidence: float = 4.0, seed: int = 0) -> SingingVerdict:
    """A verdict for `label`; with a higher confidence, more members agree and the probabilities are higher."""
    random = np.random.default_rng(seed)
    starts_s = np.arange(0.0, max(1.0, clip.duration_s - 2.0))
    ends_s = np.minimum(starts_s + 3.0, clip.duration_s)
    logits = random.normal(0.0, 1.5, (MEMBERS, len(starts_s), len(SINGING.labels)))
    logits[..., SINGING.labels.index(label)] += confidence * random.uniform(0.3, 1.0, (MEMBERS, len(starts_s)))
    member_snippets = softmax(logits, axis=-1).astype(np.float32)
    snippets = member_snippets.mean(axis=0)
    return SingingVerdict(
        clip=clip,
        stems=Stems(0.7 * clip.mono(16_000)[None], clip, rate=16_000),
        separator="none",
        starts_s=starts_s,
        ends_s=ends_s,
        snippet_probabilities=snippets,
        features=random.uniform(-2.0, 2.0, (len(starts_s), 1, 299, 40)).astype(np.float32),
        member_names=tuple(f"{number:02d}" for number in range(1, MEMBERS + 1)),
        member_probabilities=member_snippets.mean(axis=1),
        ensemble_probabilities=snippets.mean(axis=0),
        published=(
            PublishedAnswer("voices", "Voice detector (published)", random.dirichlet(np.ones(4))),
            PublishedAnswer("tags", "Music tagger (published)", random.dirichlet(np.ones(4))),
        ),
        probabilities=snippets.mean(axis=0),
        uncertain=bool(snippets.mean(axis=0).max() < 0.5),
    )


class FakeSingingClassifier:
    """Predicts a fixed label at once, and records the clips and the arguments of `explain`."""

    def __init__(self, label: str = "female", confidence: float = 4.0) -> None:
        self.label, self.confidence = label, confidence
        self.clips: list[Clip] = []
        self.explain_calls: list[tuple[str, str | None]] = []

    def __call__(self, clip: Clip, progress: Progress = lambda *_: None) -> SingingVerdict:
        progress(0.0, "Separating the vocals")
        self.clips.append(clip)
        return fake_verdict(clip, self.label, self.confidence)

    def explain(self, features: np.ndarray, label: str, member: str | None = None) -> SaliencyMap:
        """A map with one spot; its row is the number of the member, and the middle row for the mean."""
        self.explain_calls.append((label, member))
        rows, frames = np.mgrid[:40, :299]
        spot = np.exp(-(((rows - int(member or 20)) / 4) ** 2) - ((frames - 150) / 40) ** 2)
        return SaliencyMap(features[0].T, spot.astype(np.float32), Filterbank().axes, SINGING_TARGET_LAYER)


class PausableClassifier(FakeSingingClassifier):
    """A fake whose calls do not return while it is paused."""

    def __init__(self, label: str) -> None:
        super().__init__(label)
        self._called, self._running = Event(), Event()
        self._running.set()

    def pause(self) -> None:
        self._running.clear()
        self._called.clear()

    def resume(self) -> None:
        self._running.set()

    def wait_for_call(self) -> None:
        """Wait until the paused classifier is called."""
        assert self._called.wait(TIMEOUT_S)

    def _wait_until_running(self) -> None:
        self._called.set()
        assert self._running.wait(TIMEOUT_S)

    def __call__(self, clip: Clip, progress: Progress = lambda *_: None) -> SingingVerdict:
        verdict = super().__call__(clip, progress)
        self._wait_until_running()
        return verdict

    def explain(self, features: np.ndarray, label: str, member: str | None = None) -> SaliencyMap:
        evidence = super().explain(features, label, member)
        self._wait_until_running()
        return evidence


class FakeSpeechClassifier:
    """A speech system that predicts a fixed label and pitch at once."""

    def __init__(self, system: System, label: str = "male", pitch_hz: float | None = 118.2) -> None:
        self.system, self.label, self.pitch_hz = system, label, pitch_hz
        self.explain_calls: list[tuple[str, str | None]] = []
        self.features = {SPEECH_MFCC.name: mfcc_features(Mfcc()), SPEECH_MEL.name: mel_features(MelImage())}[
            system.name
        ]
        self.clips: list[Clip] = []

    def __call__(self, clip: Clip, progress: Progress = lambda *_: None) -> SpeechVerdict:
        progress(0.0, "Computing the features")
        self.clips.append(clip)
        names = {SPEECH_MFCC.name: ("01", "02"), SPEECH_MEL.name: ("svm", "small", "larger", "transfer")}[
            self.system.name
        ]
        ends_s = np.arange(1.0, max(1.5, clip.duration_s))
        confidence = np.linspace(0.6, 0.95, len(ends_s))
        snippets = np.stack([confidence, 1 - confidence], 1)[:, :: 1 if self.label == "male" else -1]
        pattern = np.sin(np.arange(98) / 5)[None] * np.linspace(1, 0, len(self.features.axes.rows))[:, None]
        return SpeechVerdict(
            system=self.system,
            clip=clip,
            starts_s=ends_s - 1,
            ends_s=np.minimum(ends_s, clip.duration_s),
            snippet_probabilities=snippets,
            member_names=names,
            member_probabilities=np.tile(snippets.mean(0), (len(names), 1)),
            probabilities=snippets.mean(0),
            uncertain=False,
            features=(pattern.astype(np.float32),) * len(ends_s),
            pitch_hz=self.pitch_hz,
        )

    def explain(self, features: np.ndarray, label: str, member: str | None = None) -> SaliencyMap:
        """Evidence in the lower rows."""
        self.explain_calls.append((label, member))
        saliency = np.linspace(1, 0, len(features))[:, None] * np.ones_like(features)
        return SaliencyMap(features, saliency, self.features.axes, TargetLayer("layer1", 4))
