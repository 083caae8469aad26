"""Calibration: probabilities that mean what they say, and when to say "not sure"."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Calibration:
    """Fitted on validation data, after averaging the members (Rahaman & Thiery 2021).

    Attributes:
        temperature: above 1 makes the ensemble less sure, below 1 surer.
        threshold: the ensemble is not sure where its highest probability is below this.
    """

    temperature: float = 1.0
    threshold: float = 0.0

    def __call__(self, probabilities: np.ndarray) -> np.ndarray:
        """Averaged probabilities [..., 4] to calibrated ones [..., 4]."""
        sharpened = np.power(np.maximum(probabilities, 1e-12), 1 / self.temperature)
        return sharpened / sharpened.sum(-1, keepdims=True)

    def uncertain(self, probabilities: np.ndarray) -> np.ndarray:
        """Calibrated probabilities [..., 4] to whether the ensemble is not sure, bool [...]."""
        return probabilities.max(-1) < self.threshold
