"""What is done to voices: the throat moves and the melody does not, rooms ring, codecs keep time."""

from __future__ import annotations

import librosa
import numpy as np
import pytest
import soxr

from gender_audio import synth
from train.data import effects
from train.data.decoding import RATE


@pytest.fixture(scope="module")
def voice() -> np.ndarray:
    clip = synth.example("male-like")
    return soxr.resample(clip.samples[0], clip.rate, RATE)[: 3 * RATE]


def loudness(samples: np.ndarray) -> float:
    return float(10 * np.log10(np.mean(np.square(samples)) + 1e-20))


def buzz(hertz: float, hill_hz: float) -> np.ndarray:
    """Two seconds of harmonics through one resonance."""
    harmonics = hertz * np.arange(1, int(7000 / hertz))
    gains = np.exp(-(((harmonics - hill_hz) / 700) ** 2)) + 1e-3
    time = np.arange(2 * RATE) / RATE
    return (0.05 * np.sin(2 * np.pi * harmonics[:, None] * time) * gains[:, None]).sum(0).astype(np.float32)


def harmonic(samples: np.ndarray, hertz: float) -> float:
    """The share of the energy that lies within a fifth of a semitone around the harmonics of a pitch."""
    power = np.square(np.abs(np.fft.rfft(samples * np.hanning(len(samples)))))
    places = np.fft.rfftfreq(len(samples), 1 / RATE)
    nearest = np.maximum(np.round(places / hertz), 1) * hertz
    return float(power[np.abs(places - nearest) < 0.012 * nearest].sum() / power.sum())


def test_noise_and_colour_keep_the_level_in_reason() -> None:
    rng = np.random.default_rng(0)
    hiss = effects.coloured_noise(rng, 48_000)
    assert loudness(hiss) == pytest.approx(0, abs=0.01)
    assert abs(loudness(effects.random_eq(rng, hiss))) < 12
    assert not effects.normalise_rms(np.zeros(100)).any()


def test_the_throat_as_it_is_changes_nothing(voice: np.ndarray) -> None:
    np.testing.assert_allclose(effects.shift_formants(voice, 1.0), voice, atol=1e-5)
    assert not effects.shift_formants(np.zeros(RATE, np.float32), 1.05).any()


@pytest.mark.parametrize("factor", [0.85, 1.15])
def test_formants_move_and_the_pitch_stays(factor: float) -> None:
    # A buzz of 125 Hz through one resonance at 2 kHz: every harmonic keeps its place, their hill moves.
    sound = buzz(125, 2000)
    before, after = (np.abs(np.fft.rfft(samples)) for samples in (sound, effects.shift_formants(sound, factor)))
    harmonics = 125 * np.arange(1, 56)
    places = 2 * harmonics
    middle = [np.average(harmonics, weights=spectrum[places] ** 2) for spectrum in (before, after)]
    assert middle[1] / middle[0] == pytest.approx(factor, abs=0.02)
    assert after[places].max() > 30 * after[places[:-1] + 125].max()


@pytest.mark.parametrize("semitones", [-3.0, 2.0, 7.0])
def test_the_pitch_moves_and_the_resonances_stay(semitones: float) -> None:
    before = buzz(180, 2000)
    after = effects.shift_pitch(before, semitones)
    assert after.shape == before.shape and after.dtype == np.float32
    assert harmonic(after, 180 * 2 ** (semitones / 12)) > 0.9 > 0.5 > harmonic(after, 180)
    middle = [np.average(np.arange(RATE + 1) / 2, weights=np.abs(np.fft.rfft(one)) ** 2) for one in (before, after)]
    assert middle[1] / middle[0] == pytest.approx(1, abs=0.06)


def test_a_register_moves_the_pitch_and_not_the_resonances(monkeypatch: pytest.MonkeyPatch) -> None:
    before = buzz(180, 2000)
    for semitones in (-3.0, 3.0):
        monkeypatch.setattr(effects, "PITCH_SHIFT", (semitones, semitones))
        after = effects.pitch_shift(np.random.default_rng(0), before)
        assert after.shape == before.shape and after.dtype == np.float32
        assert harmonic(after[:RATE], 180 * 2 ** (semitones / 12)) > 0.9 > 0.5 > harmonic(after[:RATE], 180)
        middle = [np.average(np.arange(RATE + 1) / 2, weights=np.abs(np.fft.rfft(one)) ** 2) for one in (before, after)]
        assert middle[1] / middle[0] == pytest.approx(1, abs=0.06)


def test_who_joins_in_harmony_sings_the_same_words_at_another_pitch(voice: np.ndarray) -> None:
    for seed in range(6):
        other = effects.harmony(np.random.default_rng(seed), voice)
        assert other.shape == voice.shape
        assert abs(np.corrcoef(other, voice)[0, 1]) < 0.7
        loud = [np.sqrt(np.square(samples).reshape(-1, 1600).mean(1)) for samples in (voice, other)]
        assert np.corrcoef(loud)[0, 1] > 0.6
        assert harmonic(effects.harmony(np.random.default_rng(seed), buzz(300, 900)), 300) < 0.7


def test_training_gives_a_tone_a_vibrato_and_a_ring() -> None:
    time = np.arange(3 * RATE) / RATE
    tone = sum(np.sin(2 * np.pi * 200 * k * time) / k for k in range(1, 30)).astype(np.float32) / 4
    for seed in range(4):
        sung = effects.operatic(np.random.default_rng(seed), tone)
        assert sung.shape == tone.shape and sung.dtype == np.float32
        heard = librosa.yin(sung, fmin=100, fmax=400, sr=RATE, frame_length=1024)[8:-8]
        cents = 1200 * np.log2(heard / 200)
        assert 15 < np.quantile(cents, 0.95) < 150
        assert abs(np.median(cents)) < 25
    assert not effects.operatic(np.random.default_rng(0), np.zeros(RATE, np.float32)).any()


def test_echoes_come_after_the_sound_and_die_away() -> None:
    struck = np.zeros(3 * RATE, np.float32)
    struck[0] = 1
    for seed in range(5):
        answers = effects.delay(np.random.default_rng(seed), struck)
        places = np.flatnonzero(answers)
        assert 3 <= len(places) <= 4 and places[0] == 0
        assert (np.diff(answers[places]) < 0).all()
        assert 0.06 * RATE <= places[1] <= 0.45 * RATE


def test_a_room_rings_after_the_sound(voice: np.ndarray) -> None:
    struck = np.where(np.arange(len(voice)) < RATE, voice, 0).astype(np.float32)
    ringing = [effects.reverb(np.random.default_rng(seed), struck) for seed in range(8)]
    assert all(len(one) == len(struck) and one.dtype == np.float32 for one in ringing)
    tails = [loudness(one[RATE : RATE + RATE // 10]) - loudness(struck[:RATE]) for one in ringing]
    assert max(tails) > -25
    assert max(tails) - min(tails) > 6
    assert max(tails) < 0


def test_a_compressor_brings_loud_and_quiet_together(voice: np.ndarray) -> None:
    swelling = voice * np.linspace(0.05, 1, len(voice), dtype=np.float32)
    for seed in range(5):
        pressed = swelling * effects.compression_gain(np.random.default_rng(seed), swelling)
        before = loudness(swelling[-RATE:]) - loudness(swelling[:RATE])
        after = loudness(pressed[-RATE:]) - loudness(pressed[:RATE])
        assert after < before - 1
    assert np.isfinite(effects.compression_gain(np.random.default_rng(0), np.zeros(1000, np.float32))).all()


@pytest.mark.parametrize("codec", effects.CODECS)
def test_codecs_keep_time_and_lose_little(
    voice: np.ndarray, codec: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(effects, "CODECS", (codec,))
    for seed in range(3):
        coded = effects.codec(np.random.default_rng(seed), voice)
        assert coded.shape == voice.shape and coded.dtype == np.float32
        assert np.abs(coded - voice).max() > 0
        assert np.corrcoef(coded, voice)[0, 1] > 0.97


@pytest.mark.parametrize("codec", effects.CODECS)
def test_codecs_take_the_highest_compression_there_is(
    voice: np.ndarray, codec: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Extreme(np.random.Generator):
        def uniform(self, _: float, high: float) -> float:
            return high

    monkeypatch.setattr(effects, "CODECS", (codec,))
    assert np.isfinite(effects.codec(Extreme(np.random.PCG64(0)), voice)).all()
