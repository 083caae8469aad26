"""The one path from a clip to a verdict, for the app, the command line, the HTTP API and the evaluation."""

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
from gender_audio.systems import aggregation
from gender_audio.systems.base import Progress, Verdict
from gender_audio.systems.ensemble import Ensemble, mean_of_probabilities, weights_of
from gender_audio.systems.labels import SINGING, System
from gender_audio.systems.singing_features import SingingFeatures

BRIEF = "This is shorter than the three seconds that the members listen to at a time; it was repeated to fill them."
FEW_S = 1.0
"""A shorter clip leaves the ensemble not sure: it errs on a fourth of such excerpts of the validation rows."""
UNSEPARATED = "The vocals were not separated, but the members were trained on separated ones; trust them less."
OTHERWISE_SEPARATED = "The members were trained behind another separator; trust them less."


@dataclass(frozen=True, eq=False, kw_only=True)
class SingingVerdict(Verdict):
    """What the ensemble heard in one clip.

    Attributes:
        stems: its vocals and accompaniment.
        separator: name of the separator.
        features: what the members heard, float32 [s, channels, frames, bands].
    """

    stems: Stems
    separator: str
    features: np.ndarray
    system: System = SINGING

    @property
    def extra_fields(self) -> dict[str, Any]:
        """The separator that was used."""
        return {"separator": self.separator}


class SingingClassifier:
    """A separator, an ensemble and its calibration.

    Args:
        notes: what is odd about this combination.
    """

    def __init__(
        self,
        separator: Separator,
        features: SingingFeatures,
        ensemble: Ensemble,
        calibration: Calibration,
        notes: tuple[str, ...] = (),
    ) -> None:
        self.separator = separator
        self.features = features
        self.ensemble = ensemble
        self.calibration = calibration
        self.notes = notes

    @classmethod
    def load(cls, separator: str = "unet", members: int | str | None = None) -> SingingClassifier:
        """The pipeline with the weights of the repository: so many members of the ensemble, all, or the student.

        Raises:
            ValueError: an unknown separator, or more members than there are.
            SeparationError: the separator is not installed.
            WeightsError: the weights are missing or damaged.
        """
        loaded = separation.load(separator)
        card = weights.card(weights_of(members))
        features = SingingFeatures.from_card(card)
        return cls(loaded, features, Ensemble.load(members), Calibration(**card.calibration), _notes(separator, card))

    def with_separator(self, separator: str) -> SingingClassifier:
        """The same ensemble, held in memory once, behind another separator.

        Raises:
            ValueError: an unknown separator.
            SeparationError: the separator is not installed.
        """
        loaded = separation.load(separator)
        notes = _notes(separator, weights.card(SINGING.name))
        return SingingClassifier(loaded, self.features, self.ensemble, self.calibration, notes)

    def __call__(self, clip: Clip, progress: Progress = lambda share, step: None) -> SingingVerdict:
        """The verdict on a clip; `progress` is told the share that is done and what comes next."""
        progress(0.0, "Separating the vocals")
        stems = self.separator(clip)
        progress(0.5, "Asking the ensemble")
        features = self.features.from_stems(stems)
        logits = self.ensemble(features, lambda share: progress(0.5 + share / 2, "Asking the ensemble"))
        snippets = self.calibration(mean_of_probabilities(logits).numpy())
        probabilities = aggregation.song_probabilities(snippets)
        windows = self.features.windows
        starts_s = windows.starts(stems.vocals.shape[-1], stems.rate) / stems.rate
        return SingingVerdict(
            clip=clip,
            stems=stems,
            separator=self.separator.name,
            starts_s=starts_s,
            ends_s=np.minimum(starts_s + windows.length_s, clip.duration_s),
            snippet_probabilities=snippets,
            features=features.numpy(),
            member_names=self.ensemble.names,
            member_probabilities=aggregation.song_probabilities(logits.softmax(-1).numpy()),
            probabilities=probabilities,
            uncertain=clip.duration_s < FEW_S or bool(self.calibration.uncertain(probabilities)),
            notes=(*self.notes, *([BRIEF] if clip.duration_s < windows.length_s else [])),
        )

    def explain(self, features: np.ndarray, label: str, member: str | None = None) -> SaliencyMap:
        """What spoke for a label in one snippet [channels, frames, bands]: the mean of the members, or one by name."""
        chosen = dict(zip(self.ensemble.names, self.ensemble.members, strict=True))
        networks = self.ensemble.members if member is None else [chosen[member]]
        found = mean_saliency(networks, torch.from_numpy(features), SINGING.labels.index(label), SINGING_TARGET_LAYER)
        return SaliencyMap(features[0].T, found.T, self.features.filterbank.axes, SINGING_TARGET_LAYER)


def _notes(separator: str, card: weights.Card) -> tuple[str, ...]:
    """What is odd about members behind a separator."""
    if "vocals" not in card.inputs or separation.separator_fingerprint(separator) == card.separator:
        return ()
    return (UNSEPARATED,) if separator == "none" else (OTHERWISE_SEPARATED,)
