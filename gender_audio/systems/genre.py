"""The genre system: one genre against the rest, by every method side by side."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from torch import nn

from gender_audio import weights
from gender_audio.audio import TOO_QUIET, Clip, Silent
from gender_audio.audio.loudness import SILENCE
from gender_audio.calibration import Calibration
from gender_audio.features.stack import Stack
from gender_audio.systems.base import Progress, Verdict
from gender_audio.systems.genre_models import METHODS, GenreModels, NetworkSizes, SongFeatureExtractor, SongFeatures
from gender_audio.systems.labels import GENRE, System
from gender_audio.systems.music_embedding import MusicEmbedding

BRIEF_S = 10.0
BRIEF = "This has less sound than the ten seconds that the networks listen to at a time; it was repeated to fill them."


@dataclass(frozen=True, eq=False, kw_only=True)
class GenreVerdict(Verdict):
    """What the methods heard in one song.

    Attributes:
        heard: its features.
        chosen: name of the method that gives the verdict.
    """

    heard: SongFeatures
    chosen: str
    system: System = GENRE

    @property
    def extra_fields(self) -> dict[str, str]:
        """The method that gives the verdict."""
        return {"method": METHODS[self.chosen]}


class GenreClassifier:
    """All methods, the one that decides, and its calibration."""

    def __init__(
        self, methods: GenreModels, hearing: SongFeatureExtractor, chosen: str, calibration: Calibration
    ) -> None:
        self.methods = methods
        self.hearing = hearing
        self.chosen = chosen
        self.calibration = calibration

    @classmethod
    def load(cls) -> GenreClassifier:
        """The system with the weights of the repository.

        Raises:
            WeightsError: the weights are missing or damaged.
        """
        card = weights.card("genre")
        hearing = SongFeatureExtractor(Stack(**card.feature), MusicEmbedding.load())
        card.require(hearing.fingerprint)
        sizes = NetworkSizes(**card.model["sizes"])
        networks = {}
        for name, folds in card.model["folds"].items():
            networks[name] = nn.ModuleList(sizes.build(name, arguments) for arguments in folds)
            weights.fill(networks[name], "genre", name)
        return cls(GenreModels(networks), hearing, card.model["chosen"], Calibration(**card.calibration))

    def __call__(self, clip: Clip, progress: Progress = lambda share, step: None) -> GenreVerdict:
        """The verdict on a song; `progress` is told the share that is done and what comes next.

        Raises:
            Silent: there is nothing in the clip.
        """
        if clip.peak < SILENCE:
            raise Silent(TOO_QUIET)
        progress(0.0, "Measuring timbre and harmony")
        heard = self.hearing(clip)
        progress(0.6, "Asking the networks")
        snippets = self.methods.snippets(heard)
        answers = self.methods.answers(heard, snippets)
        probabilities = self.calibration(answers[self.chosen])
        return GenreVerdict(
            clip=clip,
            heard=heard,
            chosen=self.chosen,
            starts_s=heard.starts_s,
            ends_s=heard.ends_s,
            snippet_probabilities=snippets,
            member_names=tuple(METHODS.values()),
            member_probabilities=np.stack(list(answers.values())),
            probabilities=probabilities,
            uncertain=bool(self.calibration.uncertain(probabilities)),
            notes=(BRIEF,) if round(heard.ends_s[-1] - heard.starts_s[0], 3) < BRIEF_S else (),
        )
