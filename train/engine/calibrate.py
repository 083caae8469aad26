"""Calibration on validation rows: a temperature for averaged probabilities, and a threshold of confidence."""

from __future__ import annotations

import numpy as np
from scipy.optimize import minimize_scalar
from sklearn.metrics import log_loss

from gender_audio.calibration import Calibration


def calibrate(probabilities: np.ndarray, labels: np.ndarray, coverage: float = 0.9) -> Calibration:
    """The temperature with the lowest NLL, and the threshold that the most confident `coverage` of the rows pass.

    Args:
        probabilities: averaged over the members, [n, k].
        labels: label numbers, [n].
    """

    def loss(logarithm: float) -> float:
        return float(
            log_loss(labels, Calibration(float(np.exp(logarithm)))(probabilities), labels=range(probabilities.shape[1]))
        )

    temperature = float(np.exp(minimize_scalar(loss, bounds=(-2, 2), method="bounded").x))
    confidence = Calibration(temperature)(probabilities).max(1)
    return Calibration(temperature, float(np.quantile(confidence, 1 - coverage)))
