"""Separators side by side: what each gains, what it costs, and what the shipped members make of its vocals."""

from __future__ import annotations

import time
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import librosa
import numpy as np

from gender_audio import separation, synth
from gender_audio.audio import Clip
from gender_audio.separation import SeparationError, Separator, Stems
from gender_audio.separation.spleeter import Spleeter
from gender_audio.systems.labels import SINGING
from gender_audio.systems.singing import SingingClassifier
from train.data.decoding import RATE
from train.data.readers import manifest
from train.data.readers.protocol import read_rows as listed
from train.data.remix import load_protocol
from train.engine.bootstrap import mean_interval
from train.engine.memory import peak_bytes
from train.evaluation import bss_eval, singing

SONG_S = 210
QUICK_S = 10
"""How long the song is that costs are measured on; and where that is only to run."""
NAMES = ("none", "hpss", "unet", "spleeter")


class Hpss:
    """Two median filters in a row (FitzGerald and Gainza 2010): a voice is restless in long windows, steady in short.

    Args:
        long, short: of the spectrograms, in samples at 16 kHz.
    """

    name = "hpss"

    def __init__(self, long: int = 4096, short: int = 512) -> None:
        self.long = long
        self.short = short

    def __call__(self, clip: Clip) -> Stems:
        """Stems [1, n] at 16 kHz."""
        mixture = clip.mono(RATE)
        vocals = self._part(self._part(mixture, self.long, 1), self.short, 0)
        return Stems(vocals[None], clip, RATE)

    @staticmethod
    def _part(samples: np.ndarray, window: int, which: int) -> np.ndarray:
        """The harmonic (0) or the percussive (1) part of samples [n]."""
        spectrum = librosa.stft(samples, n_fft=window, hop_length=window // 4)
        part = librosa.decompose.hpss(spectrum)[which]
        return librosa.istft(part, n_fft=window, hop_length=window // 4, length=len(samples))


def compare(rows: Path, data: Path, song_s: int = SONG_S) -> dict[str, dict[str, object]]:
    """Separator to its figures on a protocol file; those that are not installed are left out.

    Each is measured in a process of its own, so that its memory is its own.

    Raises:
        LayoutError, OSError: as `manifest.read_rows` and `protocol.read_rows`, before anything is measured.
    """
    manifest.read_rows(data)
    listed(rows, data)
    found: dict[str, dict[str, object]] = {}
    for name in NAMES:
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
            try:
                found[name] = pool.submit(partial(measure, name, rows, data, song_s)).result()
            except SeparationError as error:
                print(f"{name} is left out: {error}")
    return found


def measure(name: str, rows: Path, data: Path, song_s: int = SONG_S) -> dict[str, object]:
    """Gains in dB, accuracy of the members, seconds per second of sound and peak memory in bytes."""
    separator: Separator = Hpss() if name == "hpss" else separation.load(name)
    cost = costs(separator, song_s)
    shipped = SingingClassifier.load()
    remixes = load_protocol(rows, data)
    pipeline = SingingClassifier(separator, shipped.features, shipped.ensemble, shipped.calibration)
    heard, gains = singing.hear({"ensemble": pipeline}, remixes)
    labels = np.array([SINGING.labels.index(remix.label) for remix in remixes])
    right = heard["ensemble"].probabilities.argmax(1) == labels
    groups = [remix.group for remix in remixes]
    return {
        "rows": len(remixes),
        "gains": singing.separation(gains, remixes),
        "mir1k": bss_eval.measure(separator, bss_eval.clips(data)),
        "accuracy": float(right.mean()),
        "accuracy_interval": mean_interval(right, labels, groups),
        **cost,
    }


def costs(separator: Separator, song_s: int = SONG_S) -> dict[str, float]:
    """What a song of so many seconds takes, once the separator is warm, and the most memory ever used."""
    melody = np.concatenate([clip.mono(RATE) for clip in synth.examples().values()])
    song = Clip(np.resize(melody, (1, song_s * RATE)), RATE)
    separator(Clip(song.samples[:, : 3 * RATE], RATE))
    start = time.perf_counter()
    separator(song)
    took_s = time.perf_counter() - start
    peak = peak_bytes()
    if isinstance(separator, Spleeter) and separator.worker.pid:
        peak += peak_bytes(separator.worker.pid)
    return {"real_time_factor": took_s / song_s, "peak_bytes": peak}
