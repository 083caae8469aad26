"""Spectrograms and filter banks: power, mel (HTK and Slaney) and chroma.

The definitions are those of librosa 0.11, in numpy and scipy alone: importing librosa compiles code, which takes half a
minute in a fresh environment.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import ArrayLike
from scipy.fft import rfft
from scipy.signal import get_window

BLOCK = 256
"""Frames that are transformed at once; bounds the memory that a long clip needs."""

LINEAR_STEP_HZ = 200 / 3
"""Width of a mel below 1 kHz on Slaney's scale."""
LOG_START_HZ = 1000.0
LOG_STEP = np.log(6.4) / 27
"""Natural logarithm of the ratio of neighbouring mels above 1 kHz on Slaney's scale."""

CHROMA_CENTRE_OCTAVE, CHROMA_OCTAVES = 5.0, 2.0
"""Centre and width, in octaves above 27.5 Hz, of the Gaussian that weights the bins of a chroma filter bank."""


def hz_to_mel(hertz: ArrayLike, htk: bool = False) -> np.ndarray:
    """Frequency in Hz to mel, on Slaney's scale or that of HTK."""
    hertz = np.asarray(hertz, dtype=np.float64)
    if htk:
        return 2595 * np.log10(1 + hertz / 700)
    logarithmic = LOG_START_HZ / LINEAR_STEP_HZ + np.log(np.maximum(hertz, LOG_START_HZ) / LOG_START_HZ) / LOG_STEP
    return np.where(hertz < LOG_START_HZ, hertz / LINEAR_STEP_HZ, logarithmic)


def mel_to_hz(mel: ArrayLike, htk: bool = False) -> np.ndarray:
    """Mel to frequency in Hz, the inverse of `hz_to_mel`."""
    mel = np.asarray(mel, dtype=np.float64)
    if htk:
        return 700 * (10 ** (mel / 2595) - 1)
    start = LOG_START_HZ / LINEAR_STEP_HZ
    logarithmic = LOG_START_HZ * np.exp(LOG_STEP * (np.maximum(mel, start) - start))
    return np.where(mel < start, mel * LINEAR_STEP_HZ, logarithmic)


def mel_frequencies(count: int, highest_hz: float, htk: bool = False) -> np.ndarray:
    """Frequencies in Hz that are evenly spaced in mel from 0 to `highest_hz`, float64 [count]."""
    return mel_to_hz(np.linspace(0, float(hz_to_mel(highest_hz, htk)), count), htk)


@lru_cache(maxsize=16)
def mel_filters(
    rate: int, fft: int, bands: int, htk: bool = False, norm: Literal["area", "peak"] = "area"
) -> np.ndarray:
    """Triangular mel filters from 0 Hz to the Nyquist frequency, float32 [bands, fft // 2 + 1], read-only.

    Args:
        norm: `area` (Slaney's) divides a filter by half its width in Hz; `peak` gives every filter the peak 1 between
            the points of the spectrum. A filter that contains no point of the spectrum is 0.
    """
    edges_hz = mel_frequencies(bands + 2, rate / 2, htk)
    distance = edges_hz[:, None] - np.fft.rfftfreq(fft, 1 / rate)
    widths = np.diff(edges_hz)[:, None]
    weights = np.maximum(0, np.minimum(-distance[:-2] / widths[:-1], distance[2:] / widths[1:]))
    if norm == "area":
        weights *= 2 / (edges_hz[2:] - edges_hz[:-2])[:, None]
    return _read_only(weights.astype(np.float32))


def power_spectrogram(
    samples: np.ndarray,
    fft: int,
    hop: int,
    centre: bool = True,
    padding: Literal["constant", "reflect"] = "constant",
) -> np.ndarray:
    """Squared magnitude of Hann-windowed frames, [fft // 2 + 1, frames], in the type of samples [n].

    Args:
        fft: length of a frame, and points of its spectrum.
        hop: samples from one frame to the next.
        centre: pad the samples at both ends by half a frame, so that frame i is centred on sample i * hop.
        padding: what is added there, zeros or the mirrored samples.
    """
    if centre:
        samples = np.pad(samples, fft // 2, padding)
    frames = sliding_window_view(samples, fft)[::hop]
    window = get_window("hann", fft)
    power = np.empty((fft // 2 + 1, len(frames)), samples.dtype)
    for start in range(0, len(frames), BLOCK):
        spectrum = rfft(frames[start : start + BLOCK] * window)
        power[:, start : start + BLOCK] = (np.square(spectrum.real) + np.square(spectrum.imag)).T
    return power


def mel_spectrogram(samples: np.ndarray, rate: int, fft: int, hop: int, bands: int, centre: bool = True) -> np.ndarray:
    """Power in mel bands (Slaney's scale, normalised by area) of samples [n], [bands, frames]."""
    return mel_filters(rate, fft, bands) @ power_spectrogram(samples, fft, hop, centre)


def power_to_db(power: np.ndarray, floor: float = 1e-10, range_db: float | None = None) -> np.ndarray:
    """Power to dB, at least that of `floor`, and with `range_db` at most so far below the loudest value."""
    decibels = 10 * np.log10(np.maximum(power, floor))
    return decibels if range_db is None else np.maximum(decibels, decibels.max() - range_db)


@lru_cache(maxsize=16)
def chroma_filters(rate: int, fft: int, classes: int = 12, tuning: float = 0.0) -> np.ndarray:
    """Weights of the bins for each pitch class, C first, float32 [classes, fft // 2 + 1], read-only.

    Source: D. Ellis, "Chroma feature analysis and synthesis", 2007, as in librosa.

    Args:
        tuning: deviation of the music from A = 440 Hz, in fractions of a class.
    """
    octaves = np.log2(np.linspace(0, rate, fft, endpoint=False)[1:] / (27.5 * 2 ** (tuning / classes)))
    position = classes * octaves
    position = np.concatenate([[position[0] - 1.5 * classes], position])
    width = np.append(np.maximum(np.diff(position), 1), 1)
    half = round(classes / 2)
    distance = np.remainder(position - np.arange(classes)[:, None] + half + 10 * classes, classes) - half
    weights = np.exp(-0.5 * (2 * distance / width) ** 2)
    weights /= np.linalg.norm(weights, axis=0)
    weights *= np.exp(-0.5 * ((position / classes - CHROMA_CENTRE_OCTAVE) / CHROMA_OCTAVES) ** 2)
    weights = np.roll(weights, -3 * (classes // 12), axis=0)  # from A first to C first
    return _read_only(weights[:, : fft // 2 + 1].astype(np.float32))


def chroma(power: np.ndarray, rate: int, classes: int = 12, tuning: float = 0.0) -> np.ndarray:
    """Power [fft // 2 + 1, frames] to pitch classes [classes, frames], the strongest of each frame 1."""
    strength = chroma_filters(rate, 2 * (len(power) - 1), classes, tuning) @ power
    peak = strength.max(0)
    return strength / np.where(peak < np.finfo(strength.dtype).tiny, 1, peak)


def _read_only(array: np.ndarray) -> np.ndarray:
    """The array, protected since callers share it."""
    array.setflags(write=False)
    return array
