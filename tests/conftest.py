"""Fixtures of all tests: small networks with random weights, recordings and a browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch

from gender_audio import audio, synth
from gender_audio.calibration import Calibration
from gender_audio.features.filterbank import Filterbank
from gender_audio.models.resnet import ResNet34
from gender_audio.separation import Mixture
from gender_audio.systems.ensemble import Ensemble
from gender_audio.systems.genre import GenreClassifier
from gender_audio.systems.singing import SingingClassifier
from gender_audio.systems.singing_features import SingingFeatures
from tests import small_classifiers

if TYPE_CHECKING:
    from playwright.sync_api import Browser


def pytest_configure(config: pytest.Config) -> None:
    """Compile librosa's kernels in every process that runs tests, before a test starts processes that share them."""
    runs_tests = hasattr(config, "workerinput") or not config.getoption("numprocesses", None)
    if runs_tests:
        import librosa.feature  # noqa: F401


@pytest.fixture(scope="session")
def ensemble() -> Ensemble:
    """Three members of width 4 for two signals."""
    torch.manual_seed(0)
    members = [ResNet34(channels=2, width=4) for _ in range(3)]
    return Ensemble(members)


@pytest.fixture(scope="session")
def singing_features() -> SingingFeatures:
    """Normalised features of both signals."""
    return SingingFeatures(Filterbank(normalise=True), ("vocals", "mixture"))


@pytest.fixture(scope="session")
def singing_classifier(singing_features: SingingFeatures, ensemble: Ensemble) -> SingingClassifier:
    """The singing system with the small ensemble and two small published networks."""
    calibration = Calibration(temperature=1.5, threshold=0.4)
    return SingingClassifier(Mixture(), singing_features, ensemble, calibration, small_classifiers.combination())


@pytest.fixture(scope="session")
def genre_classifier() -> GenreClassifier:
    """The genre system with small networks."""
    return small_classifiers.genre_classifier()


@pytest.fixture
def tone(tmp_path: Path) -> Path:
    """Three seconds of a sine in a folder without other files."""
    path = tmp_path / "tone.wav"
    audio.write(path, 0.5 * np.sin(np.arange(48_000) / 10).astype(np.float32), 16_000)
    return path


@pytest.fixture(scope="session")
def song(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four seconds of a synthesised voice at 220 Hz."""
    path = tmp_path_factory.mktemp("song") / "a song.wav"
    notes = [synth.Note(float(second), 1.0, 57, "a") for second in range(4)]
    audio.write(path, synth.sing(notes, synth.FEMALE), synth.RATE)
    return path


@pytest.fixture(scope="session")
def browser(song: Path) -> Iterator[Browser]:
    """Chromium with the song as its microphone; every visit has its own context."""
    from tests.browser import chromium

    with chromium(microphone=song) as started:
        yield started
