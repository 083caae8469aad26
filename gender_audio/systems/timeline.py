"""Who sings when: overlapping snippets on one grid of time, smoothed by a hidden Markov model.

Every tenth of a second gets the evidence of all snippets around it, of the whole clip, of the level of the vocals, and
of FireRedVAD, which hears voices in frames of 10 ms. A regression turns this into scores of the labels, and Viterbi's
algorithm finds the likeliest sequence of labels (Rabiner 1989). Both are fitted on songs with known truth:
`python -m train timeline`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from scipy.ndimage import grey_closing, uniform_filter1d
from torch import Tensor, nn

from gender_audio import weights
from gender_audio.calibration import Calibration
from gender_audio.models.sequence import Attention
from gender_audio.separation import Stems
from gender_audio.systems.aggregation import song_probabilities
from gender_audio.systems.base import Segment
from gender_audio.systems.combination import SYSTEM as COMBINATION
from gender_audio.systems.labels import SINGING
from gender_audio.systems.published.fireredvad import FireRedEvents

SYSTEM, AGGREGATOR = "timeline", "attention"
"""Folder of the weights with its first file, and the file of the networks for the label of a song."""
HEARD = (SINGING.name, COMBINATION)
"""Weights that the timeline was fitted to."""
STEP_S = 0.1
"""Time between two points of the grid."""
LOWEST = 1e-4
"""Probabilities below this count as this much."""
QUIETEST_DB, FAR_DB = -40.0, 20.0
"""Levels below the loudest part of the clip, and between the stems, that are larger count as this much."""
LEVEL_STEPS, VOICE_STEPS = (5, 15), (1, 5)
"""Steps over which levels of the stems, and log-odds of a voice, are averaged."""
PAUSE_STEPS = 21
"""Pauses in levels and voice that are shorter than this are filled in addition (Serra 1982, grey closing)."""
LABELS = len(SINGING.labels)
FOLDS, ATTENTION = 5, 8
"""Networks for the label of a song, and their hidden units."""
AVERAGES = 2 * len(LEVEL_STEPS) + len(VOICE_STEPS)
FEATURES = 5 * LABELS + 2 * AVERAGES


@dataclass(frozen=True, eq=False)
class Timeline:
    """The labels of a clip over time.

    Attributes:
        probabilities: of the labels at every `STEP_S`, given the whole clip, float32 [t, 4].
        labels: the likeliest sequence, as numbers of labels, int [t].
    """

    probabilities: np.ndarray
    labels: np.ndarray

    def segments(self, duration_s: float) -> list[Segment]:
        """Steps with the same label, from the beginning to the end of the clip without gaps or overlaps."""
        changes = np.flatnonzero(np.diff(self.labels)) + 1
        firsts, ends = np.append(0, changes), np.append(changes, len(self.labels))
        return [
            Segment(
                first * STEP_S,
                duration_s if end == len(self.labels) else end * STEP_S,
                SINGING.labels[self.labels[first]],
                float(self.probabilities[first:end, self.labels[first]].mean()),
            )
            for first, end in zip(firsts.tolist(), ends.tolist(), strict=True)
        ]


class TimelineDecoder(nn.Module):
    """The regression on `frame_features`, and the scores of changes from label to label.

    Attributes:
        frames: features [t, 32] to logarithms of the labels' likelihoods, up to a constant, [t, 4].
        transitions: logarithms of the probabilities that a label follows a label, [4, 4].
    """

    transitions: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.frames = nn.Linear(FEATURES, LABELS)
        self.register_buffer("transitions", torch.full((LABELS, LABELS), -np.log(LABELS)))

    @torch.inference_mode()
    def forward(self, features: Tensor) -> Timeline:
        """Features of every step, [t, 32], to the timeline of a clip."""
        emissions, transitions = self.frames(features).double().numpy(), self.transitions.double().numpy()
        probabilities = posteriors(emissions, transitions).astype(np.float32)
        return Timeline(probabilities, likeliest_path(emissions, transitions))


class TimelineModel:
    """Who sings when, and in the whole song.

    Args:
        decoder: of the features at every step.
        aggregator: networks from the snippets of a song to logits of its labels, one for each fold.
        calibration: of the mean of their probabilities.
    """

    def __init__(
        self, events: FireRedEvents, decoder: TimelineDecoder, aggregator: nn.ModuleList, calibration: Calibration
    ) -> None:
        self.events = events
        self.decoder = decoder.eval()
        self.aggregator = aggregator.eval()
        self.calibration = calibration

    @classmethod
    def load(cls) -> TimelineModel | None:
        """The model with the weights of the repository; None if it was fitted to other networks, or if there is none.

        Raises:
            WeightsError: the weights are damaged.
        """
        if not all((weights.FOLDER / name).exists() for name in (SYSTEM, *HEARD)):
            return None
        settings = weights.card(SYSTEM).stages[-1].settings
        if any(settings[name] != weights.fingerprint(name) for name in HEARD):
            return None
        decoder = TimelineDecoder()
        weights.fill(decoder, SYSTEM, SYSTEM)
        aggregator = nn.ModuleList(Attention(LABELS, ATTENTION, LABELS) for _ in range(FOLDS))
        weights.fill(aggregator, SYSTEM, AGGREGATOR)
        return cls(FireRedEvents.load(), decoder, aggregator, Calibration(**weights.card(SYSTEM).calibration))

    @torch.inference_mode()
    def song_probabilities(self, snippets: np.ndarray) -> np.ndarray:
        """Probabilities of the snippets [s, 4] to calibrated ones of the whole song, float32 [4]."""
        inputs = torch.from_numpy(snippets)[None], torch.tensor([len(snippets)])
        logits = torch.cat([network(*inputs) for network in self.aggregator])
        calibrated: np.ndarray = self.calibration(logits.softmax(1).mean(0).numpy()).astype(np.float32)
        return calibrated

    def __call__(self, starts_s: np.ndarray, ends_s: np.ndarray, snippets: np.ndarray, stems: Stems) -> Timeline:
        """The timeline of a clip.

        Args:
            starts_s, ends_s: of the snippets in seconds, [s].
            snippets: calibrated probabilities of the snippets, [s, 4].
            stems: of the clip.
        """
        return self.decoder(torch.from_numpy(self.features(starts_s, ends_s, snippets, stems)))

    def features(self, starts_s: np.ndarray, ends_s: np.ndarray, snippets: np.ndarray, stems: Stems) -> np.ndarray:
        """What is known about every step, float32 [t, 32]."""
        levels = stem_levels(stems)
        voice = self.events.voice(stems.clip.mono(self.events.rate))
        frames_per_step = round(STEP_S / self.events.hop_s)
        voice = voice[np.minimum(np.arange(len(levels) * frames_per_step), len(voice) - 1)]
        voice = voice.reshape(len(levels), frames_per_step).mean(1)
        averages = [
            *(uniform_filter1d(column, steps) for column in levels.T for steps in LEVEL_STEPS),
            *(uniform_filter1d(voice, steps) for steps in VOICE_STEPS),
        ]
        evidence = snippet_evidence(starts_s, ends_s, snippets, len(levels))
        filled = [grey_closing(column, PAUSE_STEPS) for column in averages]
        return np.concatenate([evidence, np.stack(averages + filled, 1)], 1).astype(np.float32)


def snippet_evidence(starts_s: np.ndarray, ends_s: np.ndarray, snippets: np.ndarray, steps: int) -> np.ndarray:
    """Logarithms of what the snippets [s, 4] say about every step, [t, 20].

    For each label: the mean of the snippets around it, weighted by how near their middles are; the highest and the
    lowest of them; the probability of the whole clip, and the mean of all snippets.
    """
    times_s = (np.arange(steps)[:, None] + 0.5) * STEP_S
    inside = (times_s >= starts_s - STEP_S) & (times_s <= ends_s + STEP_S)
    distance = np.abs(times_s - (starts_s + ends_s) / 2) / (ends_s - starts_s)
    weight = np.where(inside, np.maximum(1 - 2 * distance, LOWEST), 0.0)
    near = (weight / weight.sum(1, keepdims=True)) @ snippets
    highest = np.stack([np.where(inside, column, 0.0).max(1) for column in snippets.T], 1)
    lowest = np.stack([np.where(inside, column, 1.0).min(1) for column in snippets.T], 1)
    whole = np.concatenate([song_probabilities(snippets), snippets.mean(0)])
    return np.log(np.maximum(np.concatenate([near, highest, lowest, np.tile(whole, (steps, 1))], 1), LOWEST))


def stem_levels(stems: Stems) -> np.ndarray:
    """Levels of the vocals at every step, relative to their 95th percentile and to the accompaniment, [t, 2].

    A unit is 10 dB.
    """
    vocals, rest = _powers_db(stems.vocals, stems.rate), _powers_db(stems.accompaniment, stems.rate)
    relative = np.maximum(vocals - np.quantile(vocals, 0.95), QUIETEST_DB)
    ratio = np.clip(vocals - rest, -FAR_DB, FAR_DB)
    return np.stack([relative, ratio], 1) / 10


def _powers_db(samples: np.ndarray, rate: int) -> np.ndarray:
    """Power of [channels, n] at every step in dB, [t]."""
    starts = np.arange(0, samples.shape[1], round(STEP_S * rate))
    sums = np.add.reduceat(np.square(samples).mean(0, dtype=np.float64), starts)
    return 10 * np.log10(sums / np.diff(starts, append=samples.shape[1]) + 1e-12)


def likeliest_path(emissions: np.ndarray, transitions: np.ndarray) -> np.ndarray:
    """Viterbi's algorithm: the sequence [t] with the highest sum of emissions [t, k] and transitions [k, k]."""
    best, origins = emissions[0], np.zeros(emissions.shape, int)
    for step in range(1, len(emissions)):
        scores = best[:, None] + transitions
        origins[step] = scores.argmax(0)
        best = scores.max(0) + emissions[step]
    path = [int(best.argmax())]
    for step in range(len(emissions) - 1, 0, -1):
        path.append(int(origins[step, path[-1]]))
    return np.array(path[::-1])


def posteriors(emissions: np.ndarray, transitions: np.ndarray) -> np.ndarray:
    """Forward-backward algorithm: probabilities [t, k] of the states, given all emissions [t, k]."""
    forward, backward = np.zeros(emissions.shape), np.zeros(emissions.shape)
    forward[0] = emissions[0]
    for step in range(1, len(emissions)):
        forward[step] = np.logaddexp.reduce(forward[step - 1][:, None] + transitions, 0) + emissions[step]
    for step in range(len(emissions) - 2, -1, -1):
        backward[step] = np.logaddexp.reduce(transitions + emissions[step + 1] + backward[step + 1], 1)
    joint = forward + backward
    return np.exp(joint - np.logaddexp.reduce(joint, 1)[:, None])
