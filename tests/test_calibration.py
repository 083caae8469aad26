"""Temperature scaling and abstention."""

from __future__ import annotations

import numpy as np
import pytest

from gender_audio.calibration import Calibration

PROBABILITIES = np.array([0.1, 0.6, 0.2, 0.1])


def test_temperature_of_one_changes_nothing() -> None:
    np.testing.assert_allclose(Calibration()(PROBABILITIES), PROBABILITIES)


@pytest.mark.parametrize(("temperature", "more_confident"), [(0.5, True), (2.0, False)])
def test_temperature_changes_the_confidence_but_not_the_label(temperature: float, more_confident: bool) -> None:
    calibrated = Calibration(temperature)(PROBABILITIES)
    assert calibrated.sum() == pytest.approx(1)
    assert calibrated.argmax() == 1
    assert (calibrated.max() > PROBABILITIES.max()) == more_confident


def test_uncertain_below_the_threshold() -> None:
    calibration = Calibration(threshold=0.5)
    assert calibration.uncertain(np.array([[0.4, 0.3, 0.2, 0.1], PROBABILITIES])).tolist() == [True, False]
