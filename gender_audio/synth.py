"""A small singing synthesiser: voices, a backing of chords, and the example clips made from them.

A voice is a glottal source filtered by a vocal tract. The source is a sum of harmonics, so its fundamental frequency is
exact and it does not alias. The tract is a cascade of formant resonances that moves from sound to sound. Breath and
unvoiced consonants are noise. The same arguments always give the same samples.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.polynomial.polynomial import polyval
from numpy.typing import NDArray
from scipy.signal import butter, fftconvolve, istft, sosfilt, stft

from gender_audio.audio import Clip

Samples = NDArray[np.float32]
Track = NDArray[np.float64]

RATE = 44_100
CONTROL_RATE = 200
"""Rate in Hz at which pitch, loudness and formants are computed."""
HIGHEST_HARMONIC_HZ = 9_000.0
CONSONANT_S = 0.11
TAIL_S = 0.3

VOICED = {
    "a": ((730, 1150, 2500, 3000, 3700), 1.0),
    "e": ((480, 1850, 2520, 3100, 3750), 0.85),
    "i": ((300, 2150, 2850, 3300, 3800), 0.7),
    "o": ((500, 900, 2450, 2950, 3650), 0.9),
    "u": ((330, 850, 2300, 2900, 3600), 0.7),
    "l": ((350, 1150, 2700, 3100, 3700), 0.45),
    "m": ((250, 1050, 2200, 2900, 3600), 0.3),
    "n": ((250, 1450, 2400, 2950, 3650), 0.3),
}
"""Formant frequencies (Hz) in a long, male-like tract, and the loudness of the sound (1 is an open vowel)."""
UPPER = (4_600, 5_600, 6_700, 7_900)
"""Frequencies in Hz of the formants that do not move."""
BANDWIDTHS = (70, 90, 130, 180, 240, 350, 450, 550, 650)
"""Bandwidths of all nine formants in Hz."""
UNVOICED = {"h": ((700, 5_000), 0.06), "s": ((4_000, 10_000), 0.22), "t": ((2_000, 8_000), 0.25)}
"""Band (Hz) and loudness of the noise of an unvoiced consonant."""


@dataclass(frozen=True)
class Voice:
    """Parameters of a voice.

    Attributes:
        tract: formant frequencies relative to the table; a shorter tract has higher ones.
        brightness_hz: above it the source falls by a further 6 dB per octave.
        breath: RMS of the breath relative to the peak of the voiced sound.
    """

    tract: float
    brightness_hz: float
    vibrato_hz: float
    vibrato_cents: float
    jitter_cents: float
    breath: float


MALE = Voice(1.0, brightness_hz=3_000, vibrato_hz=5.2, vibrato_cents=22, jitter_cents=8, breath=0.012)
FEMALE = Voice(1.18, brightness_hz=2_400, vibrato_hz=5.8, vibrato_cents=26, jitter_cents=7, breath=0.02)


@dataclass(frozen=True)
class Note:
    """One sung syllable.

    Attributes:
        pitch: MIDI number; 69 is 440 Hz.
        syllable: an optional consonant, then one vowel or a diphthong.
    """

    start_s: float
    duration_s: float
    pitch: float
    syllable: str = "la"


@dataclass(frozen=True)
class Part:
    """The part of one singer in an example."""

    pitches: Sequence[float]
    voice: Voice
    seed: int
    level: float = 1.0
    start_s: float = 0.0


BAR_S = 1.7
CHORDS = ((48, 55, 60, 64), (45, 57, 60, 64), (41, 57, 60, 65), (43, 55, 59, 62))  # C, A minor, F, G
LOW = (48, 50, 52, 48, 45, 48, 52, 50, 53, 52, 50, 48, 47, 50)
MIDDLE = (52, 52, 55, 52, 48, 52, 57, 55, 53, 57, 53, 48, 50, 55)
HIGH = (67, 69, 72, 67, 64, 69, 72, 71, 69, 72, 69, 65, 67, 71)
EXAMPLES: dict[str, tuple[Part, ...]] = {
    "male-like": (Part(LOW, MALE, seed=1),),
    "female-like": (Part(HIGH, FEMALE, seed=2),),
    "duet": (Part(HIGH, FEMALE, seed=2, level=1.4), Part(MIDDLE, MALE, seed=3, start_s=BAR_S / 8)),
    "instrumental": (),
}
"""The voices of each example; in the duet the second voice starts half a beat later."""


def hertz(pitch: float | Track) -> Track:
    """Frequency in Hz of a MIDI number."""
    return np.asarray(440.0 * 2.0 ** ((np.asarray(pitch) - 69.0) / 12.0))


def sing(notes: Sequence[Note], voice: Voice, rate: int = RATE, seed: int = 0) -> Samples:
    """Sing `notes` in order of time, float32 [n] with peak 0.5, at `rate` Hz (16000 or more)."""
    random = np.random.default_rng(seed)
    frames = round((notes[-1].start_s + notes[-1].duration_s + TAIL_S) * CONTROL_RATE)
    n = frames * rate // CONTROL_RATE
    frame_s, sample_s = np.arange(frames) / CONTROL_RATE, np.arange(n) / rate
    f0 = hertz(_pitch(notes, voice, frame_s, random))
    formants, loudness = _articulation(notes, frame_s)
    formants = formants * voice.tract
    loudness = loudness * (1.0 + 0.06 * _random_walk(frames, random))
    phase = 2.0 * np.pi * np.cumsum(np.interp(sample_s, frame_s, f0)) / rate

    limit_hz = min(HIGHEST_HARMONIC_HZ, 0.45 * rate)
    voiced, fundamental = np.zeros(n), np.exp(1j * phase)
    oscillation = np.ones_like(fundamental)
    for harmonic in range(1, int(limit_hz / f0.min()) + 1):
        oscillation *= fundamental
        frequency = harmonic * f0
        source = 1.0 / (harmonic * np.hypot(1.0, frequency / voice.brightness_hz))
        gain = loudness * source * _tract(frequency, formants) * (frequency < limit_hz)
        voiced += np.interp(sample_s, frame_s, gain) * oscillation.imag
    voiced /= np.abs(voiced).max()

    opening = 1.0 + np.cos(phase)  # breath flows while the glottis is open
    air = np.diff(random.standard_normal(n + 1)) * opening * np.interp(sample_s, frame_s, loudness)
    breath = _filtered(air, formants, rate)
    voiced += breath * voice.breath / np.sqrt(np.mean(breath**2))
    return _normalise(_reverb(voiced + _consonants(notes, n, rate, random), rate, random))


def accompany(chords: Sequence[Sequence[int]], bar_s: float, rate: int = RATE, seed: int = 0) -> Samples:
    """Strummed strings, a pad and a bass, float32 [n] with peak 0.5 at `rate` Hz.

    Args:
        chords: MIDI numbers; each chord lasts a bar of `bar_s` seconds.
    """
    random = np.random.default_rng(seed)
    mixture = np.zeros(int((len(chords) * bar_s + TAIL_S) * rate))
    for bar, chord in enumerate(chords):
        strings = [_pluck(pitch, rate, random) for pitch in chord]
        bass = 2.2 * _pluck(chord[0] - 12, rate, random)
        for beat, level in enumerate((1.0, 0.55, 0.8, 0.55)):
            beat_s = (bar + beat / 4) * bar_s
            for position, string in enumerate(strings):
                _add(mixture, level * string, beat_s + 0.014 * position, rate)
            if beat % 2 == 0:
                _add(mixture, bass, beat_s, rate)
        _add(mixture, _pad(chord, bar_s + TAIL_S, rate), bar * bar_s, rate)
    return _normalise(_reverb(mixture, rate, random))


def example(name: str) -> Clip:
    """One of EXAMPLES, 7 s of mono at 44.1 kHz: its voices over chords."""
    mixture = 0.6 * accompany(CHORDS, BAR_S)
    for part in EXAMPLES[name]:
        _add(mixture, part.level * sing(_melody(part.pitches), part.voice, seed=part.seed), part.start_s, RATE)
    return Clip(_normalise(mixture)[None], RATE)


def examples() -> dict[str, Clip]:
    """All of EXAMPLES by name."""
    return {name: example(name) for name in EXAMPLES}


def _melody(pitches: Sequence[float]) -> list[Note]:
    """A melody of fourteen notes over four bars, with a pause after every bar."""
    syllables = ("lai", "mo", "nia", "a", "sai", "le", "lu", "ho", "nau", "ti", "oa", "mei", "sa", "lai")
    beats = (0, 1, 2, 4, 5, 6, 6.5, 8, 9, 10, 10.5, 12, 13, 14)
    ends = (1, 2, 3.6, 5, 6, 6.5, 7.6, 9, 10, 10.5, 11.6, 13, 14, 15.5)
    beat_s = BAR_S / 4
    lines = zip(beats, ends, pitches, syllables, strict=True)
    return [Note(start * beat_s, (end - start) * beat_s, pitch, syllable) for start, end, pitch, syllable in lines]


def _pitch(notes: Sequence[Note], voice: Voice, frame_s: Track, random: np.random.Generator) -> Track:
    """MIDI pitch of each control frame: glides, vibrato that grows on held notes, and jitter."""
    onsets = np.array([note.start_s for note in notes])
    current = np.clip(np.searchsorted(onsets, frame_s, side="right") - 1, 0, None)
    steps = np.array([note.pitch for note in notes])[current]
    depth = np.clip((frame_s - onsets[current] - 0.2) / 0.3, 0.0, 1.0) * voice.vibrato_cents / 100
    vibrato = depth * np.sin(2.0 * np.pi * voice.vibrato_hz * frame_s)
    scoop = -0.7 * np.exp(-np.clip(frame_s - onsets[current], 0.0, None) / 0.05)
    return _smooth(steps + scoop, 0.1) + vibrato + voice.jitter_cents / 100 * _random_walk(len(frame_s), random)


def _sounds(note: Note) -> Iterator[tuple[str, float, float]]:
    """Sounds of a syllable with start and end in seconds: a short consonant, then the vowels with equal lengths."""
    consonant = note.syllable.rstrip("aeiou")
    vowels = note.syllable[len(consonant) :]
    edges = note.start_s + np.linspace(CONSONANT_S if consonant else 0.0, note.duration_s - 0.03, len(vowels) + 1)
    if consonant:
        yield consonant, note.start_s, edges[0]
    yield from zip(vowels, edges[:-1], edges[1:], strict=True)


def _articulation(notes: Sequence[Note], frame_s: Track) -> tuple[Track, Track]:
    """Formant frequencies [frames, 9] in Hz and loudness [frames] of the voiced sound."""
    formants = np.tile(np.array(VOICED["a"][0] + UPPER, dtype=float), (len(frame_s), 1))
    loudness = np.zeros(len(frame_s))
    for sound, start_s, end_s in (timed for note in notes for timed in _sounds(note)):
        if sound in VOICED:
            formants[frame_s >= start_s, :5], loudness_of_sound = VOICED[sound]
            loudness[(frame_s >= start_s) & (frame_s < end_s)] = loudness_of_sound
    return np.stack([_smooth(track, 0.08) for track in formants.T], axis=1), _smooth(loudness, 0.05)


def _tract(frequency: Track, formants: Track) -> Track:
    """Gain of the formants [..., 9] at a frequency in Hz [...]; 1 at 0 Hz."""
    squared = frequency[..., None] ** 2
    resonances = formants**2 / np.hypot(formants**2 - squared, np.array(BANDWIDTHS) * frequency[..., None])
    return resonances.prod(axis=-1)


def _filtered(noise: Track, formants: Track, rate: int) -> Track:
    """Noise [n] through the moving tract [frames, 9]."""
    frequencies, times, spectrum = stft(noise, rate, nperseg=1024)
    moving = formants[np.clip((times * CONTROL_RATE).astype(int), 0, len(formants) - 1)]
    gain = _tract(np.broadcast_to(frequencies[:, None], spectrum.shape), moving[None])
    return istft(spectrum * gain, rate, nperseg=1024)[1][: len(noise)]


def _consonants(notes: Sequence[Note], n: int, rate: int, random: np.random.Generator) -> Track:
    """The noise [n] of the unvoiced consonants."""
    noise = np.zeros(n)
    for sound, start_s, end_s in (timed for note in notes for timed in _sounds(note)):
        if sound in UNVOICED:
            (low, high), level = UNVOICED[sound]
            length = int((end_s - start_s) * rate)
            band = butter(2, (low, min(high, 0.45 * rate)), "bandpass", fs=rate, output="sos")
            burst = sosfilt(band, random.standard_normal(length)) * np.hanning(length)
            _add(noise, level * burst / np.abs(burst).max(), start_s, rate)
    return noise


def _pluck(pitch: float, rate: int, random: np.random.Generator) -> Track:
    """A plucked string of 1.2 s, whose high harmonics decay first.

    The harmonics are powers of one decaying oscillation, so their sum is a polynomial of it.
    """
    time_s = np.arange(int(1.2 * rate)) / rate
    harmonics = np.arange(1, 16)
    gains = np.sin(np.pi * harmonics / 5.3) / harmonics * np.exp(2j * np.pi * random.random(harmonics.shape))
    decaying = np.exp((2j * np.pi * hertz(pitch) - 0.9) * time_s)
    return polyval(decaying, [0.0, *gains]).imag * np.exp(-2.0 * time_s) * np.clip(time_s / 0.004, 0.0, 1.0)


def _pad(chord: Sequence[int], duration_s: float, rate: int) -> Track:
    """A soft organ-like chord with slow edges."""
    time_s = np.arange(int(duration_s * rate)) / rate
    edges = np.clip(np.minimum(time_s, duration_s - time_s) / TAIL_S, 0.0, 1.0)
    tones = [np.sin(2.0 * np.pi * hertz(pitch) * order * time_s) / order**2 for pitch in chord for order in (1, 2, 3)]
    return 0.15 * edges * np.sum(tones, axis=0)


def _reverb(dry: Track, rate: int, random: np.random.Generator) -> Track:
    """The sound [n] with a quiet reverb of 0.3 s."""
    time_s = np.arange(int(TAIL_S * rate)) / rate
    tail = random.standard_normal(len(time_s)) * np.exp(-time_s / 0.06)
    wet = fftconvolve(dry, tail / np.sqrt(np.sum(tail**2)))[: len(dry)]
    return dry + 0.25 * wet


def _smooth(track: Track, window_s: float) -> Track:
    """A control track whose steps become transitions of `window_s`."""
    window = np.hanning(int(window_s * CONTROL_RATE) | 1)
    return np.convolve(np.pad(track, len(window) // 2, "edge"), window / window.sum(), "valid")


def _random_walk(frames: int, random: np.random.Generator) -> Track:
    """Slow random movement [frames] of standard deviation 1."""
    walk = _smooth(random.standard_normal(frames), 0.05)
    return walk / walk.std()


def _add(mixture: Track | Samples, sound: Track | Samples, start_s: float, rate: int) -> None:
    """Add a sound to the mixture in place, cut at its end."""
    start = int(start_s * rate)
    end = min(start + len(sound), len(mixture))
    mixture[start:end] += sound[: end - start]


def _normalise(samples: Track | Samples) -> Samples:
    """The samples scaled to a peak of 0.5."""
    return (0.5 * samples / np.abs(samples).max()).astype(np.float32)
