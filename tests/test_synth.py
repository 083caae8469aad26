"""Pitch, vibrato, formants and level of the synthesiser."""

from __future__ import annotations

import librosa
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gender_audio import synth
from gender_audio.synth import CHORDS, EXAMPLES, FEMALE, MALE, RATE, Note, Voice, accompany, example, hertz, sing

RATE_16K = 16_000


def sustained(pitch: float, vowel: str, voice: Voice, rate: int = RATE_16K) -> np.ndarray:
    """The middle second of a vowel that lasts 1.5 s."""
    return sing([Note(0.0, 1.5, pitch, vowel)], voice, rate)[rate // 4 : rate * 5 // 4]


def cents(frequency: float, reference: float) -> float:
    return float(1200 * np.log2(frequency / reference))


@pytest.mark.parametrize("vowel", "aeiou")
@pytest.mark.parametrize(("pitch", "voice"), [(43, MALE), (52, MALE), (60, FEMALE), (72, FEMALE)])
def test_sing_has_the_pitch_of_the_notes(pitch: int, voice: Voice, vowel: str) -> None:
    tracked = librosa.yin(sustained(pitch, vowel, voice), fmin=70, fmax=700, sr=RATE_16K, frame_length=2048)
    assert abs(cents(float(np.median(tracked)), float(hertz(pitch)))) < 20


def test_sing_has_the_vibrato_of_the_voice() -> None:
    voice = Voice(1.0, brightness_hz=3_000, vibrato_hz=6.0, vibrato_cents=60, jitter_cents=0, breath=0.001)
    tone = sing([Note(0.0, 3.0, 57, "a")], voice, RATE_16K)[RATE_16K : 3 * RATE_16K - RATE_16K // 4]
    tracked = librosa.yin(tone, fmin=150, fmax=320, sr=RATE_16K, frame_length=1024, hop_length=160)
    swing = 1200 * np.log2(tracked / np.median(tracked))
    spectrum = np.abs(np.fft.rfft(swing - swing.mean()))
    assert spectrum.argmax() * 100 / len(swing) == pytest.approx(6.0, abs=0.5)
    assert np.percentile(np.abs(swing), 95) == pytest.approx(60, rel=0.25)


def test_sing_with_a_shorter_tract_has_higher_formants() -> None:
    centroids = []
    for voice in (MALE, FEMALE):
        spectrum = np.abs(np.fft.rfft(sustained(45, "a", voice))) ** 2
        hz = np.fft.rfftfreq(RATE_16K, 1 / RATE_16K)
        around_f1 = (hz > 400) & (hz < 1_100)
        centroids.append((hz * spectrum)[around_f1].sum() / spectrum[around_f1].sum())
    assert centroids[1] / centroids[0] > 1.05


def test_sing_does_not_alias() -> None:
    """At 16 kHz there is only breath between the harmonics of a high note, far below the voice."""
    silent = Voice(1.18, brightness_hz=2_400, vibrato_hz=5, vibrato_cents=0, jitter_cents=0, breath=1e-5)
    tone = sustained(72, "i", silent) * np.hanning(RATE_16K)
    power = np.abs(np.fft.rfft(tone)) ** 2
    harmonic = np.abs((np.arange(len(power)) / float(hertz(72)) + 0.5) % 1 - 0.5) < 0.08
    assert 10 * np.log10(power[~harmonic].sum() / power.sum()) < -20


@settings(max_examples=10, deadline=None)
@given(
    pitch=st.integers(38, 76),
    syllable=st.sampled_from(["a", "mi", "sou", "ha", "tei", "nu", "lo"]),
    voice=st.sampled_from([MALE, FEMALE]),
    rate=st.sampled_from([16_000, 32_000, 44_100]),
)
def test_sing_has_half_scale_and_starts_silent(pitch: int, syllable: str, voice: Voice, rate: int) -> None:
    samples = sing([Note(0.1, 0.5, pitch, syllable)], voice, rate)
    assert samples.dtype == np.float32 and samples.shape == (0.9 * rate,)
    assert np.abs(samples).max() == pytest.approx(0.5, abs=1e-6)
    assert np.abs(samples[: rate // 20]).max() < 0.05, "silent before the note"


def test_accompany_plays_its_chords() -> None:
    chord = (48, 55, 60, 64)
    spectrum = np.abs(np.fft.rfft(accompany([chord], 2.0, RATE_16K)[: 2 * RATE_16K]))
    for pitch in chord:
        near = round(2 * float(hertz(pitch)))
        beside = round(2 * float(hertz(pitch + 0.5)))
        assert spectrum[near - 2 : near + 3].max() > 3 * spectrum[beside - 1 : beside + 2].max()


def test_sing_and_accompany_are_deterministic() -> None:
    notes = [Note(0.0, 0.5, 57, "sa")]
    assert np.array_equal(sing(notes, MALE, seed=1), sing(notes, MALE, seed=1))
    assert not np.array_equal(sing(notes, MALE, seed=1), sing(notes, MALE, seed=2))
    assert np.array_equal(accompany(CHORDS[:1], 0.5), accompany(CHORDS[:1], 0.5))


def test_examples_are_clips_of_seven_seconds() -> None:
    clips = synth.examples()
    assert list(clips) == list(EXAMPLES) == ["male-like", "female-like", "duet", "instrumental"]
    for clip in clips.values():
        assert clip.rate == RATE and clip.samples.shape[0] == 1
        assert 6 <= clip.duration_s <= 8
        assert np.abs(clip.samples).max() == pytest.approx(0.5, abs=1e-6)
    assert np.array_equal(clips["duet"].samples, example("duet").samples)
