"""Effects: reproducible, aligned in time, and each changes what it should."""

from __future__ import annotations

from collections.abc import Callable

import librosa
import numpy as np
import pytest
import scipy.signal
import soxr

from gender_audio import synth
from tests.train.conftest import loudness
from train.data import effects
from train.data.decoding import RATE

Effect = Callable[[np.random.Generator, np.ndarray], np.ndarray]


@pytest.fixture(scope="module")
def voice() -> np.ndarray:
    clip = synth.example("male-like")
    return soxr.resample(clip.samples[0], clip.rate, RATE)[: 3 * RATE]


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


def test_noise_and_equaliser_keep_the_level() -> None:
    rng = np.random.default_rng(0)
    hiss = effects.coloured_noise(rng, 48_000)
    assert loudness(hiss) == pytest.approx(0, abs=0.01)
    assert abs(loudness(effects.random_eq(rng, hiss))) < 12
    assert not effects.normalise_rms(np.zeros(100)).any()


def test_shift_formants_by_one_is_identity(voice: np.ndarray) -> None:
    np.testing.assert_allclose(effects.shift_formants(voice, 1.0), voice, atol=1e-5)
    assert not effects.shift_formants(np.zeros(RATE, np.float32), 1.05).any()


@pytest.mark.parametrize("factor", [0.85, 1.15])
def test_shift_formants_keeps_the_pitch(factor: float) -> None:
    # A buzz of 125 Hz through one resonance at 2 kHz: every harmonic keeps its place, their hill moves.
    sound = buzz(125, 2000)
    before, after = (np.abs(np.fft.rfft(samples)) for samples in (sound, effects.shift_formants(sound, factor)))
    harmonics = 125 * np.arange(1, 56)
    places = 2 * harmonics
    middle = [np.average(harmonics, weights=spectrum[places] ** 2) for spectrum in (before, after)]
    assert middle[1] / middle[0] == pytest.approx(factor, abs=0.02)
    assert after[places].max() > 30 * after[places[:-1] + 125].max()


@pytest.mark.parametrize("semitones", [-3.0, 2.0, 7.0])
def test_shift_pitch_keeps_the_formants(semitones: float) -> None:
    before = buzz(180, 2000)
    after = effects.shift_pitch(before, semitones)
    assert after.shape == before.shape and after.dtype == np.float32
    assert harmonic(after, 180 * 2 ** (semitones / 12)) > 0.9 > 0.5 > harmonic(after, 180)
    middle = [np.average(np.arange(RATE + 1) / 2, weights=np.abs(np.fft.rfft(one)) ** 2) for one in (before, after)]
    assert middle[1] / middle[0] == pytest.approx(1, abs=0.06)


@pytest.mark.parametrize(("voice_label", "low", "high"), [("male", -3, 5), ("female", -4, 3)])
def test_pitch_shift_keeps_the_formants(voice_label: str, low: float, high: float) -> None:
    before, shifts = buzz(180, 2000), []
    for seed in range(12):
        after = effects.pitch_shift(np.random.default_rng(seed), before, voice_label)
        assert after.shape == before.shape and after.dtype == np.float32
        scores = {step: harmonic(after[:RATE], 180 * 2 ** (step / 12)) for step in np.arange(-4.5, 5.6, 0.1)}
        shifts.append(max(scores, key=lambda step: scores[step]))
        assert scores[shifts[-1]] > 0.8
        middle = [np.average(np.arange(RATE + 1) / 2, weights=np.abs(np.fft.rfft(one)) ** 2) for one in (before, after)]
        assert middle[1] / middle[0] == pytest.approx(1, abs=0.08)
    assert low - 0.1 < min(shifts) < max(shifts) < high + 0.1
    assert max(map(abs, shifts)) > 3


def test_harmony_keeps_the_words_and_shifts_the_pitch(voice: np.ndarray) -> None:
    for seed in range(6):
        other = effects.harmony(np.random.default_rng(seed), voice)
        assert other.shape == voice.shape
        assert abs(np.corrcoef(other, voice)[0, 1]) < 0.7
        loud = [np.sqrt(np.square(samples).reshape(-1, 1600).mean(1)) for samples in (voice, other)]
        assert np.corrcoef(loud)[0, 1] > 0.6
        interval = np.random.default_rng(seed).choice(effects.HARMONY_SEMITONES)
        if interval % 12:
            assert harmonic(effects.harmony(np.random.default_rng(seed), buzz(300, 900)), 300) < 0.7


def test_unison_has_other_formants(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(effects, "HARMONY_SEMITONES", (0,))
    before = buzz(125, 2000)
    for seed in range(6):
        after = effects.harmony(np.random.default_rng(seed), before)
        middle = [np.average(np.arange(RATE + 1) / 2, weights=np.abs(np.fft.rfft(one)) ** 2) for one in (before, after)]
        assert abs(np.log(middle[1] / middle[0])) > 0.05


def test_doubling_adds_one_later_copy() -> None:
    click = np.zeros(RATE, np.float32)
    click[2_000] = 1
    for seed in range(6):
        copy = effects.doubling(np.random.default_rng(seed), click) - click
        assert 0.01 * RATE - 20 <= np.abs(copy).argmax() - 2_000 <= 0.04 * RATE + 20
        assert 0.15 < np.abs(copy).max() < 1.05


def test_harmoniser_stays_quiet(voice: np.ndarray) -> None:
    for seed in range(4):
        added = effects.harmoniser(np.random.default_rng(seed), voice) - voice
        assert -26 < loudness(added) - loudness(voice) < -9


def test_bandwidth_filters_all_stems_alike() -> None:
    noise = np.random.default_rng(0).standard_normal((2, 3 * RATE)).astype(np.float32)
    hertz = np.fft.rfftfreq(3 * RATE, 1 / RATE)
    lowest = []
    for seed in range(40):
        stems = effects.bandwidth(np.random.default_rng(seed), noise)
        gains = np.abs(np.fft.rfft(stems)) / np.abs(np.fft.rfft(noise))
        np.testing.assert_allclose(gains[0], gains[1], atol=1e-3)
        assert gains[0][(hertz > 400) & (hertz < 2_500)] == pytest.approx(1, abs=0.15)
        highest = hertz[gains[0] > 0.5].max()
        assert 2_900 < highest <= 8_000
        lowest.append(float(gains[0][(hertz > 50) & (hertz < 100)].mean()))
    assert 2 <= sum(gain < 0.1 for gain in lowest) <= 14, "some are telephones"


def test_alternate_lets_one_voice_sing_at_a_time() -> None:
    rng = np.random.default_rng(0)
    voices = 0.1 * rng.standard_normal((2, 3 * RATE)).astype(np.float32)
    for seed in range(10):
        first, second = effects.alternate(np.random.default_rng(seed), *voices)
        heard = np.array([np.abs(turn).reshape(-1, 800).max(1) > 0.05 for turn in (first, second)])
        assert heard.any(0).all() and 1 <= np.abs(np.diff(heard.astype(int))[0]).sum() <= 4
        assert heard.all(0).mean() < 0.1 and heard.mean(1).min() > 0.2
        np.testing.assert_allclose(first / voices[0] + second / voices[1], 1, atol=1e-3)


def test_alternate_keeps_voices_that_would_hardly_be_heard() -> None:
    first, second = np.zeros((2, 3 * RATE), np.float32)
    first[:4_000] = second[:4_000] = 1
    kept = effects.alternate(np.random.default_rng(0), first, second)
    np.testing.assert_array_equal(kept, (first, second))


def test_operatic_adds_vibrato() -> None:
    time = np.arange(3 * RATE) / RATE
    tone = sum(np.sin(2 * np.pi * 200 * k * time) / k for k in range(1, 30)).astype(np.float32) / 4
    for seed in range(4):
        sung = effects.operatic(np.random.default_rng(seed), tone)
        assert sung.shape == tone.shape and sung.dtype == np.float32
        pitch_hz = librosa.yin(sung, fmin=100, fmax=400, sr=RATE, frame_length=1024)[8:-8]
        cents = 1200 * np.log2(pitch_hz / 200)
        assert 15 < np.quantile(cents, 0.95) < 150
        assert abs(np.median(cents)) < 25
    assert not effects.operatic(np.random.default_rng(0), np.zeros(RATE, np.float32)).any()


def test_delay_adds_decaying_echoes() -> None:
    impulse = np.zeros(3 * RATE, np.float32)
    impulse[0] = 1
    for seed in range(5):
        echoes = effects.delay(np.random.default_rng(seed), impulse)
        samples = np.flatnonzero(np.abs(echoes) > 1e-3)
        onsets = samples[np.flatnonzero(np.diff(samples, prepend=-RATE) > 1)]
        levels = [np.abs(echoes[onset : onset + 2]).sum() for onset in onsets]
        assert len(onsets) >= 2 and onsets[0] == 0 and levels[0] == pytest.approx(1)
        assert 0.06 * RATE - 1 <= onsets[1] <= 0.45 * RATE and 0.09 < levels[1] < 0.51
        assert (np.diff(levels) < 0).all() and np.ptp(np.diff(onsets)) <= 1


def test_reverb_decays_after_the_sound(voice: np.ndarray) -> None:
    dry = np.where(np.arange(len(voice)) < RATE, voice, 0).astype(np.float32)
    reverberant = [effects.reverb(np.random.default_rng(seed), dry) for seed in range(8)]
    tails = [loudness(one[RATE : RATE + RATE // 10]) - loudness(dry[:RATE]) for one in reverberant]
    assert max(tails) > -25
    assert max(tails) - min(tails) > 6
    assert max(tails) < 0
    assert all(loudness(one[2 * RATE :]) < loudness(one[RATE : 2 * RATE]) for one in reverberant)


def male_pitch_shift(rng: np.random.Generator, samples: np.ndarray) -> np.ndarray:
    """The pitch shift of a male voice."""
    return effects.pitch_shift(rng, samples, "male")


PLAIN = (effects.random_eq, effects.delay, effects.reverb, effects.codec, effects.formant_shift, effects.harmoniser)
SHIFTING = (male_pitch_shift, effects.operatic, effects.harmony, effects.doubling)
ALL = (*PLAIN, *SHIFTING, effects.bandwidth, effects.compression_gain)


@pytest.mark.parametrize("effect", ALL, ids=lambda effect: effect.__name__)
def test_effect_is_reproducible_and_keeps_length_and_type(voice: np.ndarray, effect: Effect) -> None:
    before = voice.copy()
    first, again, other = (effect(np.random.default_rng(seed), voice) for seed in (1, 1, 2))
    np.testing.assert_array_equal(voice, before)
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)
    assert first.shape == voice.shape and first.dtype == np.float32 and np.isfinite(first).all()


@pytest.mark.parametrize("effect", PLAIN, ids=lambda effect: effect.__name__)
def test_effect_keeps_alignment_and_level(voice: np.ndarray, effect: Effect) -> None:
    for seed in range(6):
        changed = effect(np.random.default_rng(seed), voice)
        correlation = scipy.signal.correlate(changed, voice)
        assert abs(int(np.abs(correlation).argmax()) - (len(voice) - 1)) <= 3, "at most 0.2 ms"
        assert abs(loudness(changed) - loudness(voice)) < 8


@pytest.mark.parametrize("effect", [e for e in ALL if e is not effects.compression_gain], ids=lambda e: e.__name__)
def test_effect_keeps_silence(effect: Effect) -> None:
    assert np.abs(effect(np.random.default_rng(0), np.zeros(RATE, np.float32))).max() < 1e-4


def test_compression_gain_applies_to_stems(voice: np.ndarray) -> None:
    other = effects.coloured_noise(np.random.default_rng(0), len(voice)) * np.float32(0.05)
    gain = effects.compression_gain(np.random.default_rng(1), voice + other)
    assert 0 < gain.min() < 0.9 and gain.max() <= 1.001
    np.testing.assert_allclose(voice * gain + other * gain, (voice + other) * gain, atol=1e-6)


def test_compression_reduces_the_dynamic_range(voice: np.ndarray) -> None:
    swelling = voice * np.linspace(0.05, 1, len(voice), dtype=np.float32)
    for seed in range(5):
        compressed = swelling * effects.compression_gain(np.random.default_rng(seed), swelling)
        before = loudness(swelling[-RATE:]) - loudness(swelling[:RATE])
        after = loudness(compressed[-RATE:]) - loudness(compressed[:RATE])
        assert after < before - 1
    assert np.isfinite(effects.compression_gain(np.random.default_rng(0), np.zeros(1000, np.float32))).all()


@pytest.mark.parametrize("codec", effects.CODECS)
def test_codec_loses_little(voice: np.ndarray, codec: tuple[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(effects, "CODECS", (codec,))
    for seed in range(3):
        decoded = effects.codec(np.random.default_rng(seed), voice)
        assert decoded.shape == voice.shape and decoded.dtype == np.float32
        assert np.abs(decoded - voice).max() > 0
        assert np.corrcoef(decoded, voice)[0, 1] > 0.97


@pytest.mark.parametrize("codec", effects.CODECS)
def test_codec_accepts_the_highest_compression(
    voice: np.ndarray, codec: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Extreme(np.random.Generator):
        def uniform(self, _: float, high: float) -> float:
            return high

    monkeypatch.setattr(effects, "CODECS", (codec,))
    assert np.isfinite(effects.codec(Extreme(np.random.PCG64(0)), voice)).all()
