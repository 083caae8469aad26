"""The comparison of separators: its baseline and its meters."""

from __future__ import annotations

import numpy as np

from gender_audio.audio import Clip
from gender_audio.separation import Mixture
from train.compare import Hpss, costs
from train.data.library import RATE


def share(samples: np.ndarray) -> float:
    """How much of the sound the median filters take for voice."""
    stems = Hpss()(Clip(samples.astype(np.float32)[None], RATE))
    assert stems.vocals.shape == (1, len(samples))
    np.testing.assert_allclose(stems.vocals + stems.accompaniment, samples[None], atol=1e-6)
    return float(np.square(stems.vocals).mean() / np.square(samples).mean())


def test_median_filters_tell_a_gliding_voice_from_chords_and_drums() -> None:
    time_s = np.arange(4 * RATE) / RATE
    chord = sum(np.sin(2 * np.pi * hertz * time_s) for hertz in (220, 330, 440))
    cycles = np.cumsum(300 * 2 ** (0.5 * np.sin(2 * np.pi * 0.7 * time_s))) / RATE
    gliding = sum(np.sin(2 * np.pi * k * cycles) / k for k in range(1, 8))
    drums = np.zeros(4 * RATE)
    drums[:: RATE // 2] = 1
    assert share(gliding) > 0.5
    assert share(chord) < 0.1
    assert share(drums) < 0.1


def test_costs_are_those_of_the_separator() -> None:
    found = costs(Mixture(), 10)
    assert 0 < found["real_time_factor"] < 1
    assert found["peak_bytes"] > 2**24
