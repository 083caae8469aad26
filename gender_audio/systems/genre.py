"""The genre system: several methods classify a song as rock or not; one of them gives the verdict."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from torch import nn

from gender_audio import weights
from gender_audio.audio import TOO_QUIET, Clip, Silent
from gender_audio.audio.loudness import SILENCE
from gender_audio.calibration import Calibration
from gender_audio.features.stack import Stack
from gender_audio.systems.base import Progress, Verdict
from gender_audio.systems.genre_features import SongFeatureExtractor, SongFeatures
from gender_audio.systems.genre_models import METHODS, GenreModels, NetworkSizes
from gender_audio.systems.labels import GENRE, System
from gender_audio.systems.music_embedding import PROGRESSIVE_ROCK, MusicEmbedding

SHORT_S = 10.0
SHORT = "This has less than ten seconds of sound, the length that the networks need, so it was repeated."


@dataclass(frozen=True, eq=False, kw_only=True)
class GenreVerdict(Verdict):
    """The result of all methods for one song.

    Attributes:
        features: the features of the song.
        chosen: name of the method that gives the verdict.
        progressive_rock: probability of the tag `Progressive rock` by the music tagger; it does not affect the verdict.
    """

    features: SongFeatures
    chosen: str
    progressive_rock: float
    system: System = GENRE

    @property
    def extra_fields(self) -> dict[str, Any]:
        """The method that gives the verdict, and the probability of progressive rock."""
        return {"method": METHODS[self.chosen], "progressive_rock": round(self.progressive_rock, 6)}


class GenreClassifier:
    """All methods, the name of the one that gives the verdict, and its calibration."""

    def __init__(
        self, extractor: SongFeatureExtractor, models: GenreModels, chosen: str, calibration: Calibration
    ) -> None:
        self.extractor = extractor
        self.models = models
        self.chosen = chosen
        self.calibration = calibration

    @classmethod
    def load(cls) -> GenreClassifier:
        """The system with the weights of the repository.

        Raises:
            WeightsError: the weights are missing or damaged.
        """
        card = weights.card("genre")
        extractor = SongFeatureExtractor(Stack(**card.feature), MusicEmbedding.load())
        card.require(extractor.fingerprint)
        sizes = NetworkSizes(**card.model["sizes"])
        networks = {}
        for name, folds in card.model["folds"].items():
            networks[name] = nn.ModuleList(sizes.build(name, arguments) for arguments in folds)
            weights.fill(networks[name], "genre", name)
        return cls(extractor, GenreModels(networks), card.model["chosen"], Calibration(**card.calibration))

    def __call__(self, clip: Clip, progress: Progress = lambda share, step: None) -> GenreVerdict:
        """The verdict on a song.

        Raises:
            Silent: the clip is silent.
        """
        if clip.peak < SILENCE:
            raise Silent(TOO_QUIET)
        progress(0.0, "Measuring timbre and harmony")
        features = self.extractor(clip)
        progress(0.6, "Running the networks")
        snippets = self.models.snippet_probabilities(features)
        members = self.models(features, snippets=snippets)
        probabilities = self.calibration(members[self.chosen])
        sound_s = round(features.ends_s[-1] - features.starts_s[0], 3)
        return GenreVerdict(
            clip=clip,
            features=features,
            chosen=self.chosen,
            progressive_rock=self.extractor.embedding.tag_probability(features.tagger, PROGRESSIVE_ROCK),
            starts_s=features.starts_s,
            ends_s=features.ends_s,
            snippet_probabilities=snippets,
            member_names=tuple(METHODS.values()),
            member_probabilities=np.stack(list(members.values())),
            probabilities=probabilities,
            uncertain=bool(self.calibration.uncertain(probabilities)),
            notes=(SHORT,) if sound_s < SHORT_S else (),
        )
