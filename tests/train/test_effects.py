"""What is done to voices: the throat moves and the melody does not, rooms ring, codecs keep time."""

from __future__ import annotations

import numpy as np
import pytest
import soxr

from gender_audio import synth
from train.data import effects
from train.data.library import RATE


@pytest.fixture(scope="module")
def voice() -> np.ndarray:
    clip = synth.example("male-like")
    return soxr.resample(clip.samples[0], clip.rate, RATE)[: 3 * RATE]


def loudness(samples: np.ndarray) -> float:
    return float(10 * np.log10(np.mean(np.square(samples)) + 1e-20))


def test_noise_and_colour_keep_the_level_in_reason() -> None:
    rng = np.random.default_rng(0)
    hiss = effects.noise(rng, 48_000)
    assert loudness(hiss) == pytest.approx(0, abs=0.01)
    assert abs(loudness(effects.colour(rng, hiss))) < 12
    assert not effects.unit(np.zeros(100)).any()


def test_the_throat_as_it_is_changes_nothing(voice: np.ndarray) -> None:
    np.testing.assert_allclose(effects.formants(voice, 1.0), voice, atol=1e-5)
    assert not effects.formants(np.zeros(RATE, np.float32), 1.05).any()


@pytest.mark.parametrize("factor", [0.85, 1.15])
def test_formants_move_and_the_pitch_stays(factor: float) -> None:
    # A buzz of 125 Hz through one resonance at 2 kHz: every harmonic keeps its place, their hill moves.
    harmonics = 125 * np.arange(1, 60)
    hill = np.exp(-(((harmonics - 2000) / 700) ** 2)) + 1e-3
    time = np.arange(2 * RATE) / RATE
    buzz = (0.05 * np.sin(2 * np.pi * harmonics[:, None] * time) * hill[:, None]).sum(0).astype(np.float32)
    before, after = (np.abs(np.fft.rfft(samples)) for samples in (buzz, effects.formants(buzz, factor)))
    places = 2 * harmonics
    middle = [np.average(harmonics, weights=spectrum[places] ** 2) for spectrum in (before, after)]
    assert middle[1] / middle[0] == pytest.approx(factor, abs=0.02)
    assert after[places].max() > 30 * after[places[:-1] + 125].max()


def test_a_room_rings_after_the_sound(voice: np.ndarray) -> None:
    struck = np.where(np.arange(len(voice)) < RATE, voice, 0).astype(np.float32)
    ringing = [effects.room(np.random.default_rng(seed), struck) for seed in range(8)]
    assert all(len(one) == len(struck) and one.dtype == np.float32 for one in ringing)
    tails = [loudness(one[RATE : RATE + RATE // 10]) - loudness(struck[:RATE]) for one in ringing]
    assert max(tails) > -25
    assert max(tails) - min(tails) > 6
    assert max(tails) < 0


def test_a_compressor_brings_loud_and_quiet_together(voice: np.ndarray) -> None:
    swelling = voice * np.linspace(0.05, 1, len(voice), dtype=np.float32)
    for seed in range(5):
        pressed = swelling * effects.pressure(np.random.default_rng(seed), swelling)
        before = loudness(swelling[-RATE:]) - loudness(swelling[:RATE])
        after = loudness(pressed[-RATE:]) - loudness(pressed[:RATE])
        assert after < before - 1
    assert np.isfinite(effects.pressure(np.random.default_rng(0), np.zeros(1000, np.float32))).all()


@pytest.mark.parametrize("codec", effects.CODECS)
def test_codecs_keep_time_and_lose_little(
    voice: np.ndarray, codec: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(effects, "CODECS", (codec,))
    for seed in range(3):
        coded = effects.coded(np.random.default_rng(seed), voice)
        assert coded.shape == voice.shape and coded.dtype == np.float32
        assert np.abs(coded - voice).max() > 0
        assert np.corrcoef(coded, voice)[0, 1] > 0.97
