"""The singing system: separation, features, an ensemble of networks, and its combination with published networks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from gender_audio import separation, weights
from gender_audio.audio import Clip
from gender_audio.calibration import Calibration
from gender_audio.gradcam import SINGING_TARGET_LAYER, SaliencyMap, mean_saliency
from gender_audio.separation import Separator, Stems
from gender_audio.systems.aggregation import song_probabilities
from gender_audio.systems.base import Progress, Segment, Verdict
from gender_audio.systems.combination import Combination, PublishedAnswer
from gender_audio.systems.ensemble import Ensemble, mean_of_probabilities
from gender_audio.systems.labels import SINGING, System
from gender_audio.systems.singing_features import SingingFeatures
from gender_audio.systems.timeline import Timeline, TimelineModel

SHORT = "This is shorter than three seconds, the length that the networks need, so it was repeated."
SONG_S = 20.0
"""A clip of at least this length is a song: a network that hears all its snippets gives its label."""
UNCERTAIN_S = 1.0
"""A verdict on a shorter clip is always uncertain: a quarter of such validation excerpts are misclassified."""
NOT_SEPARATED = (
    "The vocals were not separated, but the members were trained on separated vocals, so they make more errors."
)
NOT_COMBINED = "The published networks were not asked, because they were combined with other members than these."
OTHER_SEPARATOR = "The members were trained with another separator, so they make more errors with this one."


@dataclass(frozen=True, eq=False, kw_only=True)
class SingingVerdict(Verdict):
    """The result of the ensemble for one clip.

    Attributes:
        stems: vocals and accompaniment of the clip.
        separator: name of the separator.
        features: the features of the snippets, float32 [s, channels, frames, bands].
        ensemble_probabilities: probabilities of the clip by the members alone, calibrated, float32 [4].
        published: what each published network says about the clip.
        timeline: the labels over time; None if the clip has only one snippet.
    """

    stems: Stems
    separator: str
    features: np.ndarray
    ensemble_probabilities: np.ndarray
    published: tuple[PublishedAnswer, ...] = ()
    timeline: Timeline | None = None
    system: System = SINGING

    @property
    def segments(self) -> list[Segment]:
        """The segments of the timeline."""
        return self.timeline.segments(self.clip.duration_s) if self.timeline else super().segments

    @property
    def extra_fields(self) -> dict[str, Any]:
        """The name of the separator, and what the ensemble and each published network say alone."""
        return {
            "separator": self.separator,
            "ensemble": self.by_label(self.ensemble_probabilities),
            "published": [
                {
                    "name": answer.name,
                    "title": answer.title,
                    "label": answer.label,
                    "probabilities": self.by_label(answer.probabilities),
                }
                for answer in self.published
            ],
        }


class SingingClassifier:
    """A separator, the features, an ensemble and its calibration, and the combination with published networks.

    Args:
        notes: warnings about the separator and the members; every verdict carries them.
    """

    def __init__(
        self,
        separator: Separator,
        features: SingingFeatures,
        ensemble: Ensemble,
        calibration: Calibration,
        combination: Combination | None = None,
        timeline: TimelineModel | None = None,
        notes: tuple[str, ...] = (),
    ) -> None:
        self.separator = separator
        self.features = features
        self.ensemble = ensemble
        self.calibration = calibration
        self.combination = combination
        self.timeline = timeline
        self.notes = notes

    @classmethod
    def load(cls, separator: str = "unet", members: int | None = None) -> SingingClassifier:
        """The system with the weights of the repository.

        Args:
            separator: `unet`, `spleeter`, `spleeter-package` or `none`.
            members: the number of members; all by default.

        Raises:
            ValueError: there is no such separator, or there are not that many members.
            SeparationError: Deezer's package is not installed.
            WeightsError: the weights are missing or damaged.
        """
        loaded_separator = separation.load(separator)
        card = weights.card(SINGING.name)
        features = SingingFeatures.from_card(card)
        ensemble, combination = Ensemble.load(members), Combination.load()
        notes = _notes(separator, card) + (() if combination else (NOT_COMBINED,))
        calibration = Calibration(**card.calibration)
        return cls(loaded_separator, features, ensemble, calibration, combination, TimelineModel.load(), notes)

    def with_separator(self, separator: str) -> SingingClassifier:
        """A classifier with another separator; both share their networks.

        Raises:
            ValueError: there is no such separator.
            SeparationError: Deezer's package is not installed.
        """
        loaded_separator = separation.load(separator)
        notes = _notes(separator, weights.card(SINGING.name)) + (() if self.combination else (NOT_COMBINED,))
        return SingingClassifier(
            loaded_separator, self.features, self.ensemble, self.calibration, self.combination, self.timeline, notes
        )

    def with_members(self, members: int) -> SingingClassifier:
        """A classifier that asks only the first members; both share their networks."""
        return SingingClassifier(
            self.separator,
            self.features,
            Ensemble(self.ensemble.members[:members]),
            self.calibration,
            self.combination,
            self.timeline,
            self.notes,
        )

    def __call__(self, clip: Clip, progress: Progress = lambda share, step: None) -> SingingVerdict:
        """The verdict on a clip."""
        progress(0.0, "Separating the vocals")
        stems = self.separator(clip)
        step = "Running the networks"
        progress(0.4, step)
        vocals, mixture = self.features.signals(stems)
        features = self.features.from_signals(vocals, mixture)
        logits = self.ensemble(features, lambda share: progress(0.4 + 0.35 * share, step))
        ensemble = self.calibration(mean_of_probabilities(logits).numpy())
        snippets, calibration = ensemble, self.calibration
        published: tuple[PublishedAnswer, ...] = ()
        if self.combination:
            outputs = self.combination.outputs(mixture, lambda share: progress(0.75 + 0.25 * share, step))
            snippets, published = self.combination(ensemble, outputs), self.combination.answers(outputs)
            calibration = self.combination.calibration
        probabilities = song_probabilities(snippets)
        if self.timeline and clip.duration_s >= SONG_S:
            calibration, probabilities = self.timeline.calibration, self.timeline.song_probabilities(snippets)
        windows = self.features.windows
        starts_s = windows.starts(stems.vocals.shape[-1], stems.rate) / stems.rate
        ends_s = np.minimum(starts_s + windows.length_s, clip.duration_s)
        decode = self.timeline if len(starts_s) > 1 else None
        return SingingVerdict(
            clip=clip,
            stems=stems,
            separator=self.separator.name,
            starts_s=starts_s,
            ends_s=ends_s,
            snippet_probabilities=snippets,
            features=features.numpy(),
            member_names=self.ensemble.names,
            member_probabilities=song_probabilities(logits.softmax(-1).numpy()),
            ensemble_probabilities=song_probabilities(ensemble),
            published=published,
            timeline=decode(starts_s, ends_s, snippets, stems) if decode else None,
            probabilities=probabilities,
            uncertain=clip.duration_s < UNCERTAIN_S or bool(calibration.uncertain(probabilities)),
            notes=(*self.notes, *([SHORT] if clip.duration_s < windows.length_s else [])),
        )

    def explain(self, features: np.ndarray, label: str, member: str | None = None) -> SaliencyMap:
        """The evidence for a label in one snippet [channels, frames, bands].

        Args:
            member: name of a member; by default the mean over all of them.
        """
        named = dict(zip(self.ensemble.names, self.ensemble.members, strict=True))
        networks = self.ensemble.members if member is None else [named[member]]
        layer, index = SINGING_TARGET_LAYER, SINGING.labels.index(label)
        saliency = mean_saliency(networks, torch.from_numpy(features), index, layer)
        return SaliencyMap(features[0].T, saliency.T, self.features.filterbank.axes, layer)


def _notes(separator: str, card: weights.Card) -> tuple[str, ...]:
    """Warnings if the members were trained with another separator."""
    if "vocals" not in card.inputs or separation.separator_fingerprint(separator) == card.separator:
        return ()
    return (NOT_SEPARATED,) if separator == "none" else (OTHER_SEPARATOR,)
