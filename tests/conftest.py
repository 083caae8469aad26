"""What the tests share: small networks with random weights, so that nothing here needs trained ones."""

from __future__ import annotations

import pytest
import torch

from gender_audio.calibration import Calibration
from gender_audio.ensemble import Ensemble
from gender_audio.features.filterbank import Filterbank
from gender_audio.models.resnet import ResNet34
from gender_audio.pipeline import Pipeline
from gender_audio.separation import Mixture


@pytest.fixture(scope="session")
def ensemble() -> Ensemble:
    """Three members of width 4 that listen to both signals."""
    torch.manual_seed(0)
    members = [ResNet34(channels=2, width=4) for _ in range(3)]
    return Ensemble(members, Filterbank(normalise=True), ("vocals", "mixture"))


@pytest.fixture(scope="session")
def pipeline(ensemble: Ensemble) -> Pipeline:
    """The whole path around the small ensemble."""
    return Pipeline(Mixture(), ensemble, Calibration(temperature=1.5, threshold=0.4))
