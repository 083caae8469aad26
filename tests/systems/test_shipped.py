"""The shipped weights on synthesised sounds with known labels."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from gender_audio import synth
from gender_audio.audio import Clip
from gender_audio.systems.singing import SingingClassifier
from gender_audio.systems.speech import SpeechClassifier
from gender_audio.systems.speech_mel import MelSpeechClassifier
from gender_audio.systems.speech_mfcc import FOLDERS, MfccSpeechClassifier
from gender_audio.weights import FOLDER

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def shipped() -> SingingClassifier:
    return SingingClassifier.load()


@pytest.mark.parametrize(
    ("example", "label"),
    [("male-like", "male"), ("female-like", "female"), ("duet", "multiple"), ("instrumental", "none")],
)
def test_examples_are_classified(shipped: SingingClassifier, example: str, label: str) -> None:
    verdict = shipped(synth.example(example))
    assert verdict.label == label
    assert len(verdict.member_probabilities) == 20
    assert verdict.notes == ()


@pytest.mark.parametrize("seconds", [0.6, 0.8, 1.0, 1.5, 2.0])
@pytest.mark.parametrize("example", ["male-like", "female-like"])
def test_short_clips_have_a_voice(shipped: SingingClassifier, example: str, seconds: float) -> None:
    clip = synth.example(example)
    start, length = clip.rate, round(seconds * clip.rate)
    assert shipped(Clip(clip.samples[:, start : start + length], clip.rate)).label != "none"


@pytest.mark.parametrize("level", [0.0, 1e-3, 0.5])
def test_silence_and_noise_have_no_voice(shipped: SingingClassifier, level: float) -> None:
    samples = np.random.default_rng(0).standard_normal((1, 64_000)).astype(np.float32) * level
    assert shipped(Clip(samples, 16_000)).label == "none"


@pytest.mark.parametrize("gain_db", [-40, -20, 6])
def test_level_does_not_change_the_verdict(shipped: SingingClassifier, gain_db: float) -> None:
    clip = synth.example("female-like")
    quieter = shipped(Clip(clip.samples * np.float32(10 ** (gain_db / 20)), clip.rate))
    np.testing.assert_allclose(quieter.probabilities, shipped(clip).probabilities, atol=0.02)


def test_separator_suppresses_an_instrumental(shipped: SingingClassifier) -> None:
    stems = shipped.separator(synth.example("instrumental"))
    assert np.square(stems.vocals).mean() < 10**-1.5 * np.square(stems.vocals + stems.accompaniment).mean()


def vowels(pitch_hz: float, tract: float) -> Clip:
    """Two seconds of vowels at a speaking pitch; the vocal tract has `tract` times the length of 17 cm."""
    time = np.arange(16_000 * 2) / 16_000
    phase = 2 * np.pi * np.cumsum(pitch_hz * (1 + 0.1 * np.sin(2 * np.pi * 1.5 * time))) / 16_000
    sound = np.zeros_like(time)
    for number in range(1, int(7_500 / pitch_hz)):
        hertz = number * pitch_hz
        formants = sum(np.exp(-(((hertz * tract - centre) / 150) ** 2)) for centre in (600, 1_200, 2_600, 3_500))
        sound += (formants + 0.02) / number**0.5 * np.sin(number * phase)
    envelope = np.clip(4 * np.sin(2 * np.pi * 2 * time) + 2, 0, 1)
    noise = np.random.default_rng(0).standard_normal(len(time))
    return Clip((0.1 * sound * envelope + 1e-3 * noise).astype(np.float32)[None], 16_000)


@pytest.mark.parametrize("load", [MfccSpeechClassifier.load, MelSpeechClassifier.load])
def test_low_and_high_speech_is_classified(load: Callable[[], SpeechClassifier]) -> None:
    classifier = load()
    assert classifier(vowels(100, 1.05)).label == "male"
    assert classifier(vowels(225, 0.87)).label == "female"


def test_published_variant_loads_and_explains() -> None:
    classifier = MfccSpeechClassifier.load("published")
    verdict = classifier(vowels(100, 1.05))
    assert {name.partition("-")[0] for name in verdict.member_names} == {"cepstral", "delay"}
    assert verdict.features[0].max() == 255
    assert verdict.probabilities.sum() == pytest.approx(1, abs=1e-5)
    for name in verdict.member_names:
        saliency = classifier.explain(verdict.features[0], verdict.label, name).map
        assert saliency.shape == (12, 98)
        assert np.isfinite(saliency).all()


def test_speech_weights_are_small() -> None:
    files = [path for name in (*FOLDERS.values(), "speech-mel") for path in (FOLDER / name).glob("*.safetensors")]
    assert len(files) >= 6
    assert sum(path.stat().st_size for path in files) < 12e6
