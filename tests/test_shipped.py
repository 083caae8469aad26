"""The shipped weights on sounds whose answer is known."""

from __future__ import annotations

import numpy as np
import pytest

from gender_audio import synth
from gender_audio.audio import Clip
from gender_audio.pipeline import Pipeline


@pytest.fixture(scope="module")
def shipped() -> Pipeline:
    return Pipeline.load()


@pytest.mark.parametrize(
    ("example", "label"),
    [("male-like", "male"), ("female-like", "female"), ("duet", "multiple"), ("instrumental", "none")],
)
def test_the_examples_are_heard_as_what_they_are(shipped: Pipeline, example: str, label: str) -> None:
    verdict = shipped(synth.example(example))
    assert verdict.label == label
    assert len(verdict.members) == 20


@pytest.mark.parametrize("level", [0.0, 1e-3, 0.5])
def test_silence_and_noise_hold_no_voice(shipped: Pipeline, level: float) -> None:
    samples = np.random.default_rng(0).standard_normal((1, 64_000)).astype(np.float32) * level
    assert shipped(Clip(samples, 16_000)).label == "none"


@pytest.mark.parametrize("gain_db", [-40, -20, 6])
def test_the_level_does_not_change_the_answer(shipped: Pipeline, gain_db: float) -> None:
    clip = synth.example("female-like")
    quieter = shipped(Clip(clip.samples * np.float32(10 ** (gain_db / 20)), clip.rate))
    np.testing.assert_allclose(quieter.probabilities, shipped(clip).probabilities, atol=0.02)


def test_the_separator_leaves_little_of_an_instrumental(shipped: Pipeline) -> None:
    stems = shipped.separator(synth.example("instrumental"))
    assert np.square(stems.vocals).mean() < 10**-1.5 * np.square(stems.vocals + stems.accompaniment).mean()
