"""Temperature scaling of probabilities, and abstention."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Calibration:
    """Parameters that are fitted on validation data, after averaging the members (Rahaman & Thiery 2021).

    Attributes:
        temperature: above 1 it makes the probabilities less extreme, below 1 more.
        threshold: the verdict is "not sure" if the highest probability is below this.
    """

    temperature: float = 1.0
    threshold: float = 0.0

    def __call__(self, probabilities: np.ndarray) -> np.ndarray:
        """Averaged probabilities [..., k] to calibrated ones [..., k]."""
        scaled = np.power(np.maximum(probabilities, 1e-12), 1 / self.temperature)
        return scaled / scaled.sum(-1, keepdims=True)

    def uncertain(self, probabilities: np.ndarray) -> np.ndarray:
        """Whether the highest of calibrated probabilities [..., k] is below the threshold, bool [...]."""
        return probabilities.max(-1) < self.threshold
