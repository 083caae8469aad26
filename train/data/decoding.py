"""Samples of corpus recordings: files are decoded, synthesised sources are rendered."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import librosa
import numpy as np
import soundfile

from train.data.corpus import Source
from train.data.synthesis import mbrola, midi, psola
from train.data.validation import LayoutError

RATE = 16_000
"""Sample rate of all training audio, in Hz."""

SPEEDS = {"male": (0.90, 0.95, 1.0, 1.05), "female": (0.95, 1.0, 1.05, 1.10), "none": (0.94, 1.0, 1.06)}
"""Playback speeds by voice. They change pitch and formants together, but not the label."""


def read_mono(path: Path, start: int = 0, length: int = -1) -> np.ndarray:
    """Samples of a mono file at 16 kHz, float32 [at most `length`]; all from `start` on if `length` is negative.

    Raises:
        LayoutError: the file cannot be decoded, or is not mono at 16 kHz, as the protocol requires.
    """
    samples, rate = read_audio(path, start, length)
    if (channels := samples.shape[1]) != 1 or rate != RATE:
        raise LayoutError(f"{path} has {channels} channel(s) at {rate} Hz; the protocol requires mono at {RATE} Hz.")
    return samples[:, 0]


def read_audio(path: Path, start: int = 0, length: int = -1) -> tuple[np.ndarray, int]:
    """Samples of a file, float32 [at most `length`, channels], and their rate in Hz; all if `length` is negative.

    Raises:
        LayoutError: the file cannot be decoded, or has no samples from `start` on.
    """
    try:
        samples, rate = soundfile.read(path, start=start, frames=length, dtype="float32", always_2d=True)
    except soundfile.LibsndfileError as error:
        raise LayoutError(f"{path}: this recording cannot be read. {error.error_string}") from error
    if not len(samples):
        raise LayoutError(f"{path}: this recording has no samples from sample {start} on.")
    return samples, rate


def decode(data: Path, source: Source, speeds: Iterable[float]) -> list[np.ndarray]:
    """One int16 array [n] at 16 kHz for each speed."""
    samples, rate = _load(data, source)
    mono = samples.mean(1)
    takes = [librosa.resample(mono, orig_sr=rate * speed, target_sr=RATE, res_type="soxr_mq") for speed in speeds]
    return [np.round(np.clip(take, -1, 1) * 32767).astype(np.int16) for take in takes]


def _load(data: Path, source: Source) -> tuple[np.ndarray, int]:
    """float32 [n, channels] and the rate in Hz. The path of a synthesised source starts with its number."""
    number, _, path = source.path.partition(" ")
    if source.dataset == midi.DATASET:
        return midi.render(int(number))
    if source.dataset == mbrola.DATASET:
        return mbrola.sing(int(number))
    if source.dataset == psola.DATASET:
        speech, rate = read_audio(data / path)
        return psola.sing(speech.mean(1), rate, source.voice, np.random.default_rng(int(number)))[:, None], rate
    return read_audio(data / source.path)
