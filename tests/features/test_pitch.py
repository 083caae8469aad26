"""The pitch of tones and sung vowels, and the sounds that have none."""

from __future__ import annotations

import numpy as np
import pytest

from gender_audio import synth
from gender_audio.features.pitch import median_pitch

RATE = 16_000
TIME = np.arange(2 * RATE) / RATE


def buzz(hertz: float, harmonics: int = 7) -> np.ndarray:
    """Two seconds of a tone; with one harmonic, a sine."""
    return sum(0.1 / k * np.sin(2 * np.pi * hertz * k * TIME) for k in range(1, harmonics + 1))


def noise(level: float) -> np.ndarray:
    return level * np.random.default_rng(0).standard_normal(len(TIME))


@pytest.mark.parametrize("harmonics", [1, 7])
@pytest.mark.parametrize("hertz", [65, 95, 130, 210, 330, 500])
def test_median_pitch_of_a_tone_is_its_fundamental(hertz: float, harmonics: int) -> None:
    tone = np.concatenate([np.zeros(RATE // 2), buzz(hertz, harmonics)])
    assert median_pitch(tone, RATE) == pytest.approx(hertz, rel=0.03)
    assert median_pitch(1e-3 * tone, RATE) == pytest.approx(hertz, rel=0.03)


@pytest.mark.parametrize("vowel", "aiu")
@pytest.mark.parametrize(
    ("note", "voice"), [(38, synth.MALE), (48, synth.MALE), (57, synth.FEMALE), (69, synth.FEMALE)]
)
def test_median_pitch_of_a_vowel_is_its_note(note: int, voice: synth.Voice, vowel: str) -> None:
    samples = synth.sing([synth.Note(0.0, 1.5, note, vowel)], voice, RATE)
    assert median_pitch(samples, RATE) == pytest.approx(float(synth.hertz(note)), rel=0.03)


def test_median_pitch_accepts_other_rates() -> None:
    assert median_pitch(np.sin(2 * np.pi * 150 * np.arange(48_000) / 48_000), 48_000) == pytest.approx(150, rel=0.03)


def test_median_pitch_is_of_the_loudest_fifteen_seconds() -> None:
    quiet, loud = np.tile(0.1 * buzz(300), 10), np.tile(buzz(100), 8)
    assert median_pitch(np.concatenate([quiet, loud]), RATE) == pytest.approx(100, rel=0.03)


@pytest.mark.parametrize(
    "samples",
    [np.zeros(RATE), noise(0.1), noise(0.1)[: RATE // 2], buzz(150)[: RATE // 20]],
    ids=["silence", "noise", "short noise", "50 ms"],
)
def test_median_pitch_is_none_without_a_voice(samples: np.ndarray) -> None:
    assert median_pitch(samples, RATE) is None


@pytest.mark.parametrize("level", [0.0, 1e-3, 1e-2])
@pytest.mark.parametrize("harmonics", [1, 3])
@pytest.mark.parametrize("hertz", [50, 60])
def test_median_pitch_of_hum_is_none(hertz: float, harmonics: int, level: float) -> None:
    assert median_pitch(buzz(hertz, harmonics) + noise(level), RATE) is None
