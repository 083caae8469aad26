"""What may happen to a recording of three seconds without changing who sings: filters, rooms, codecs, other throats.

Everything takes and gives float32 [n] at 16 kHz; `rng` alone decides.
"""

from __future__ import annotations

import io

import librosa
import numpy as np
import scipy.fft
import scipy.ndimage
import scipy.signal
import soundfile

from train.data.decoding import RATE

WINDOW = 1024
LIFTER = 28
"""Samples of the cepstrum that count as the throat; the pitch of the highest voices lies above, at 16 kHz / 500 Hz."""
FORMANT_SHIFT = (0.94, 1.06)
"""How far the resonances of a throat may move; with the library's speeds, less than what lies between the classes."""
PITCH_SHIFT = (-3.0, 3.0)
"""Semitones that a voice may be moved by while its resonances stay."""
HARMONY_SEMITONES = (-12, -9, -8, -7, -5, -4, -3, 3, 4, 5, 7, 8, 9, 12)
"""Intervals, in semitones, that a second voice may keep from the first."""
HARMONY_FORMANT_SHIFT = (0.85, 1.18)
"""The resonances of somebody else, who may have a voice of another class."""
CODECS = (("MP3", "MPEG_LAYER_III"), ("OGG", "OPUS"), ("OGG", "VORBIS"))
"""Container and codec; none of them moves the sound in time."""
MOST_COMPRESSION = 0.99
"""Closer to 1 the lowest rate of MP3 is rounded to one that does not exist."""


def normalise_rms(samples: np.ndarray) -> np.ndarray:
    """Scaled to unit RMS; silence stays silence."""
    return samples / (np.sqrt(np.mean(np.square(samples))) + 1e-9)


def coloured_noise(rng: np.random.Generator, length: int) -> np.ndarray:
    """Coloured noise at unit RMS; its power falls by 0 to 6 dB an octave."""
    white = scipy.fft.rfft(rng.standard_normal(length).astype(np.float32))
    slope = np.maximum(np.arange(len(white)), 30.0).astype(np.float32) ** -rng.uniform(0, 1)
    return normalise_rms(scipy.fft.irfft(white * slope, length))


def random_eq(rng: np.random.Generator, samples: np.ndarray, deviation_db: float = 4.0) -> np.ndarray:
    """A random smooth filter: eight gains, evenly spaced in log frequency from 60 Hz to 8 kHz, joined by lines."""
    spectrum = scipy.fft.rfft(samples)
    octaves = np.log2(np.maximum(np.fft.rfftfreq(len(samples), 1 / RATE), 60) / 60)
    gains = np.interp(octaves, np.linspace(0, octaves[-1], 8), rng.normal(0, deviation_db, 8))
    return scipy.fft.irfft(spectrum * (10 ** (gains / 20)).astype(np.float32), len(samples))


def formant_shift(rng: np.random.Generator, samples: np.ndarray) -> np.ndarray:
    """The same melody from a longer or shorter throat: the resonances move within `FORMANT_SHIFT`, the pitch stays."""
    return shift_formants(samples, rng.uniform(*FORMANT_SHIFT))


def shift_formants(samples: np.ndarray, factor: float) -> np.ndarray:
    """Resonances at `factor` times their frequency: the envelope of each spectrum is stretched by it."""
    spectrum = librosa.stft(samples, n_fft=WINDOW)
    loudness = np.abs(spectrum)
    envelope = _envelope(np.log(loudness + 1e-5 * loudness.max() + 1e-12))
    bins = np.minimum(np.arange(len(envelope)) / factor, len(envelope) - 1)
    below = np.minimum(bins.astype(int), len(envelope) - 2)
    share = (bins - below)[:, None]
    stretched = (1 - share) * envelope[below] + share * envelope[below + 1]
    gain = np.exp(np.clip(stretched - envelope, -2.3, 2.3))
    return librosa.istft(spectrum * gain, length=len(samples), dtype=np.float32)


def _envelope(level: np.ndarray, rounds: int = 8) -> np.ndarray:
    """What lies smoothly over the harmonics of log spectra [bins, frames] (Roebel and Rodet 2005)."""
    above = level
    for _ in range(rounds):
        cepstrum = scipy.fft.irfft(above, axis=0)
        cepstrum[LIFTER : WINDOW - LIFTER + 1] = 0
        smooth = scipy.fft.rfft(cepstrum, axis=0).real
        above = np.maximum(level, smooth)
    return smooth


def shift_pitch(samples: np.ndarray, semitones: float, factor: float = 1.0) -> np.ndarray:
    """The same words at another pitch, from a throat whose resonances lie at `factor` times their frequency."""
    moved = librosa.effects.pitch_shift(
        samples, sr=RATE, n_steps=semitones, res_type="soxr_mq", n_fft=WINDOW, hop_length=WINDOW // 4
    )
    return shift_formants(moved, factor / 2 ** (semitones / 12))


def pitch_shift(rng: np.random.Generator, samples: np.ndarray) -> np.ndarray:
    """The same throat in a higher or lower register, as a high tenor or a low alto has. The resonances stay.

    The voice is played faster or slower, which leaves no trace, and what that does to the resonances is undone. Behind
    a faster one there is silence.
    """
    factor = 2 ** (rng.uniform(*PITCH_SHIFT) / 12)
    played = librosa.resample(samples, orig_sr=RATE * factor, target_sr=RATE, res_type="soxr_mq")
    return shift_formants(librosa.util.fix_length(played, size=len(samples)), 1 / factor)


def harmony(rng: np.random.Generator, samples: np.ndarray) -> np.ndarray:
    """Somebody else who sings the same words in harmony."""
    return shift_pitch(samples, rng.choice(HARMONY_SEMITONES) + rng.normal(0, 0.1), rng.uniform(*HARMONY_FORMANT_SHIFT))


def operatic(rng: np.random.Generator, samples: np.ndarray) -> np.ndarray:
    """What training gives a voice: a vibrato of 30 to 120 cents, and resonances that come together near 3 kHz."""
    pace = 2 * np.pi * rng.uniform(4.5, 7.0)
    depth_s = (2 ** (rng.uniform(30, 120) / 1200) - 1) / pace
    time_s = np.arange(len(samples)) / RATE
    warped = time_s + depth_s * np.sin(pace * time_s + rng.uniform(0, 2 * np.pi))
    swung = scipy.ndimage.map_coordinates(samples, warped[None] * RATE, order=3, mode="nearest")
    octaves = np.log2(np.maximum(np.fft.rfftfreq(len(samples), 1 / RATE), 1) / rng.uniform(2400, 3400))
    ring = 10 ** (rng.uniform(0, 12) / 20 * np.exp(-np.square(octaves / 0.25)))
    return scipy.fft.irfft(scipy.fft.rfft(swung) * ring.astype(np.float32), len(samples))


def delay(rng: np.random.Generator, samples: np.ndarray) -> np.ndarray:
    """The sound with its echoes 0.06 to 0.45 s apart, each 6 to 20 dB below the one before."""
    apart, gain = round(rng.uniform(0.06, 0.45) * RATE), 10 ** (rng.uniform(-20, -6) / 20)
    answers = [gain**number * np.pad(samples, (number * apart, 0))[: len(samples)] for number in (1, 2, 3)]
    return (samples + sum(answers)).astype(np.float32)


def reverb(rng: np.random.Generator, samples: np.ndarray) -> np.ndarray:
    """The sound with a room's answer: noise that dies away within 0.2 to 2.5 s, 4 to 18 dB below it."""
    decay_s = np.exp(rng.uniform(np.log(0.2), np.log(2.5)))
    time_s = np.arange(round(min(decay_s, 1.5) * RATE)) / RATE
    tail = rng.standard_normal(len(time_s)) * 10 ** (-3 * time_s / decay_s)
    tail[: round(rng.uniform(0, 0.03) * RATE)] = 0
    tail = random_eq(rng, tail / np.sqrt(np.square(tail).sum()))
    answer = scipy.signal.fftconvolve(samples, tail)[: len(samples)]
    return (samples + answer * 10 ** (rng.uniform(-18, -4) / 20)).astype(np.float32)


def compression_gain(rng: np.random.Generator, samples: np.ndarray) -> np.ndarray:
    """The gains, float32 [n], of a compressor that listens to the sound: loud parts down, quiet ones up."""
    frame = round(0.02 * RATE)
    power = np.square(np.pad(samples, (0, -len(samples) % frame))).reshape(-1, frame).mean(1)
    smooth = scipy.signal.lfilter([0.2], [1, -0.8], power, zi=[0.8 * power[0]])[0]
    gain = np.maximum(smooth / (smooth.max() + 1e-12), 1e-3) ** (-rng.uniform(0.2, 0.6) / 2)
    return np.interp(np.arange(len(samples)), (np.arange(len(gain)) + 0.5) * frame, gain).astype(np.float32)


def codec(rng: np.random.Generator, samples: np.ndarray) -> np.ndarray:
    """The sound, at most full scale, after a codec of the web at a random quality."""
    container, codec = CODECS[rng.integers(len(CODECS))]
    file = io.BytesIO()
    level = min(rng.uniform(0.3, 1), MOST_COMPRESSION)
    soundfile.write(file, samples, RATE, codec, format=container, compression_level=level)
    file.seek(0)
    decoded: np.ndarray = soundfile.read(file, dtype="float32")[0]
    return decoded[: len(samples)]
