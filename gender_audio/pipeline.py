"""The one path from a clip to a verdict, for the app, the command line, the HTTP API and the evaluation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch

from gender_audio import separation, song, weights
from gender_audio.audio import Clip
from gender_audio.calibration import Calibration
from gender_audio.ensemble import Ensemble, mean_of_probabilities
from gender_audio.separation import Separator, Stems
from gender_audio.snippets import Windows
from gender_audio.systems import LABELS

Progress = Callable[[float, str], None]

UNSEPARATED = "The vocals were not separated, but the members were trained on separated ones; trust them less."


@dataclass(frozen=True, eq=False)
class Verdict:
    """What the ensemble heard in one clip: s snippets, m members, four labels in the order of `LABELS`.

    Attributes:
        clip: the clip as it was read.
        stems: its vocals and accompaniment.
        separator: name of the separator.
        starts_s, ends_s: the snippets' bounds in seconds, float [s].
        snippets: calibrated probabilities of the snippets, float32 [s, 4].
        member_snippets: probabilities of every member for every snippet, float32 [m, s, 4].
        members: probabilities of every member for the clip, float32 [m, 4].
        probabilities: calibrated probabilities of the clip, float32 [4].
        uncertain: whether the ensemble is not sure about the clip.
        notes: what was odd about the way it was heard.
    """

    clip: Clip
    stems: Stems
    separator: str
    starts_s: np.ndarray
    ends_s: np.ndarray
    snippets: np.ndarray
    member_snippets: np.ndarray
    members: np.ndarray
    probabilities: np.ndarray
    uncertain: bool
    notes: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """The likeliest label of the clip."""
        return LABELS[int(self.probabilities.argmax())]

    @property
    def snippet_labels(self) -> list[str]:
        """The likeliest label of every snippet."""
        return [LABELS[number] for number in self.snippets.argmax(1)]

    @property
    def member_labels(self) -> list[str]:
        """The label that every member votes for."""
        return [LABELS[number] for number in self.members.argmax(1)]

    @property
    def agreement(self) -> int:
        """How many members vote for the verdict."""
        return self.member_labels.count(self.label)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What was odd about the clip, or about the way it was heard."""
        return self.clip.warnings + self.notes


class Pipeline:
    """A separator, an ensemble and its calibration."""

    def __init__(
        self, separator: Separator, ensemble: Ensemble, calibration: Calibration, windows: Windows = Windows()
    ) -> None:
        self.separator = separator
        self.ensemble = ensemble
        self.calibration = calibration
        self.windows = windows

    @classmethod
    def load(cls, separator: str = "unet", members: int | None = None) -> Pipeline:
        """The pipeline with the weights of the repository; `members` of the ensemble, or all.

        Raises:
            ValueError: an unknown separator, or more members than there are.
            WeightsError: the weights are missing or damaged.
        """
        card = weights.card("singer")
        if card.separator and card.separator != weights.fingerprint("separator"):
            raise weights.WeightsError("The members were trained behind another separator; fetch the repository again.")
        calibration = Calibration(**card.calibration)
        return cls(separation.load(separator), Ensemble.load(members), calibration)

    def __call__(self, clip: Clip, progress: Progress = lambda share, step: None) -> Verdict:
        """The verdict on a clip; `progress` is told the share that is done and what comes next."""
        progress(0.0, "Separating the vocals")
        stems = self.separator(clip)
        progress(0.5, "Asking the ensemble")
        logits = self.listen(stems, lambda share: progress(0.5 + share / 2, "Asking the ensemble"))
        member_snippets = logits.softmax(-1).numpy()
        snippets = self.calibration(mean_of_probabilities(logits).numpy())
        probabilities = song.whole(snippets)
        starts_s = self.windows.starts(stems.vocals.shape[-1], stems.rate) / stems.rate
        return Verdict(
            clip=clip,
            stems=stems,
            separator=self.separator.name,
            starts_s=starts_s,
            ends_s=np.minimum(starts_s + self.windows.length_s, clip.duration_s),
            snippets=snippets,
            member_snippets=member_snippets,
            members=song.whole(member_snippets),
            probabilities=probabilities,
            uncertain=bool(self.calibration.uncertain(probabilities)),
            notes=(UNSEPARATED,) if self.separator.name == "none" and "vocals" in self.ensemble.inputs else (),
        )

    def listen(self, stems: Stems, heard: Callable[[float], None] = lambda share: None) -> torch.Tensor:
        """Logits of every member for every snippet of the stems, [m, s, 4]."""
        vocals, rest = (
            Clip(stem, stems.rate).mono(self.ensemble.feature.rate) for stem in (stems.vocals, stems.accompaniment)
        )
        rate = self.ensemble.feature.rate
        cut = [torch.from_numpy(self.windows.cut(signal, rate)) for signal in (vocals, vocals + rest)]
        return self.ensemble(self.ensemble.features(*cut), heard)
