"""Combines the ensemble with published networks: a small logistic regression on what all of them say about a snippet.

The twenty members were trained on few singers, but know remixes and duets. The published networks have heard far more
music, but none of them knows all four labels. They make different errors.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from gender_audio import weights
from gender_audio.audio import Clip
from gender_audio.calibration import Calibration
from gender_audio.features.framing import Windows
from gender_audio.systems import published
from gender_audio.systems.aggregation import song_probabilities
from gender_audio.systems.labels import SINGING
from gender_audio.systems.published import PublishedNetwork

SYSTEM, ALL, ENSEMBLE = "combination", "all", "ensemble"
"""Folder of the weights, file of the combination, and name of the ensemble among the inputs."""
RATE = 16_000
"""All networks hear the clip at this rate in Hz, which the training data has, too."""
PEAK, SILENCE = 0.8, 1e-5
"""Peak that every snippet is scaled to, and the peak below which it is silence."""
LOWEST = 1e-4
"""Probabilities of the ensemble below this count as this much."""
PUBLISHED_WINDOWS = Windows(hop_s=3.0)
"""Windows that the published networks hear. They cost as much as the members, so each second is heard only once."""


@dataclass(frozen=True, eq=False)
class PublishedAnswer:
    """What one published network says about a clip.

    Attributes:
        name, title: of the network.
        probabilities: of the labels, from this network alone, float32 [4].
    """

    name: str
    title: str
    probabilities: np.ndarray

    @property
    def label(self) -> str:
        """The most probable label."""
        return SINGING.labels[int(self.probabilities.argmax())]


class Combination:
    """The published networks, and the logistic regressions on their outputs.

    Args:
        networks: the published networks.
        regressions: `ALL` to the regression on the ensemble and all networks in order, and the name of each network to
            the regression on its outputs alone.
        calibration: of the probabilities of `ALL`.
        windows: the snippets of the ensemble.
    """

    def __init__(
        self,
        networks: Sequence[PublishedNetwork],
        regressions: Mapping[str, nn.Linear],
        calibration: Calibration,
        windows: Windows = Windows(),
    ) -> None:
        self.networks = tuple(networks)
        self.regressions = {name: regression.eval() for name, regression in regressions.items()}
        self.calibration = calibration
        self.windows = windows

    @classmethod
    def load(cls) -> Combination | None:
        """The combination with the weights of the repository; None if it was fitted to other members, or to none.

        Raises:
            WeightsError: weights are damaged.
        """
        if not (weights.FOLDER / SYSTEM).exists():
            return None
        card = weights.card(SYSTEM)
        if card.stages[-1].settings["members"] != weights.fingerprint(SINGING.name):
            return None
        networks = [network for network in published.load_all() if network.name in card.model["inputs"]]
        regressions = {}
        for name, size in card.model["inputs"].items():
            regressions[name] = nn.Linear(size, len(SINGING.labels))
            weights.fill(regressions[name], SYSTEM, name)
        return cls(networks, regressions, Calibration(**card.calibration))

    def outputs(
        self, mixture: np.ndarray, progress: Callable[[float], None] = lambda share: None
    ) -> dict[str, np.ndarray]:
        """A mixture [n] at `RATE` to the outputs of every network for its snippets: name to float32 [s, outputs].

        The networks hear `PUBLISHED_WINDOWS`; between these, their outputs are interpolated.
        """
        starts, heard = (windows.starts(len(mixture), RATE) for windows in (self.windows, PUBLISHED_WINDOWS))
        outputs = {}
        for number, network in enumerate(self.networks, 1):
            values = snippet_outputs(network, mixture, PUBLISHED_WINDOWS)
            between = [np.interp(starts, heard, output) for output in values.T]
            outputs[network.name] = np.stack(between, 1).astype(np.float32)
            progress(number / len(self.networks))
        return outputs

    @torch.inference_mode()
    def __call__(self, ensemble: np.ndarray, outputs: Mapping[str, np.ndarray]) -> np.ndarray:
        """Calibrated probabilities of the snippets, float32 [s, 4].

        Args:
            ensemble: calibrated probabilities of the ensemble, [s, 4].
            outputs: as from `outputs`.
        """
        inputs = combination_inputs(ensemble, [outputs[network.name] for network in self.networks])
        return self.calibration(self._probabilities(ALL, inputs))

    @torch.inference_mode()
    def alone(self, outputs: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Probabilities of the snippets by each network alone: name to float32 [s, 4]."""
        return {network.name: self._probabilities(network.name, outputs[network.name]) for network in self.networks}

    def answers(self, outputs: Mapping[str, np.ndarray]) -> tuple[PublishedAnswer, ...]:
        """What each network alone says about the clip."""
        alone = self.alone(outputs)
        return tuple(
            PublishedAnswer(network.name, network.title, song_probabilities(alone[network.name]))
            for network in self.networks
        )

    def _probabilities(self, name: str, inputs: np.ndarray) -> np.ndarray:
        probabilities: np.ndarray = self.regressions[name](torch.from_numpy(inputs)).softmax(-1).numpy()
        return probabilities


def combination_inputs(ensemble: np.ndarray, outputs: Sequence[np.ndarray]) -> np.ndarray:
    """The inputs of the combination, float32 [s, f]: logarithms of the ensemble's probabilities [s, 4], and outputs."""
    return np.concatenate([np.log(np.maximum(ensemble, LOWEST)), *outputs], -1).astype(np.float32)


def snippet_outputs(network: PublishedNetwork, mixture: np.ndarray, windows: Windows = Windows()) -> np.ndarray:
    """The outputs of a published network for the snippets of a mixture [n] at `RATE`, float32 [s, outputs].

    Every snippet is scaled to the same peak, because the networks depend on the level.
    """
    samples = mixture if network.rate == RATE else Clip(mixture[None], RATE).mono(network.rate)
    batches = windows.batches(samples, network.rate, size=8)
    return np.concatenate([network(torch.from_numpy(_normalise_peak(batch))).numpy() for batch in batches])


def _normalise_peak(snippets: np.ndarray) -> np.ndarray:
    """Snippets [s, n] scaled to `PEAK`; silence stays silence."""
    peaks = np.abs(snippets).max(1, keepdims=True)
    scaled: np.ndarray = snippets * np.where(peaks > SILENCE, PEAK / np.maximum(peaks, SILENCE), 1.0).astype(np.float32)
    return scaled
