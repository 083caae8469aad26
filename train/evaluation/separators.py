"""Compares separators: separation quality, run time and memory, and accuracy of the singing members on the vocals."""

from __future__ import annotations

import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import librosa
import numpy as np

from gender_audio import separation, synth
from gender_audio.audio import Clip
from gender_audio.separation import SeparationError, Separator, Stems
from gender_audio.separation.spleeter_package.separator import SpleeterPackage
from gender_audio.systems.singing import SingingClassifier
from train.data.decoding import RATE
from train.data.readers import manifest, protocol
from train.data.remix import load_protocol
from train.engine.bootstrap import macro_mean_interval
from train.engine.memory import peak_bytes
from train.engine.quick import count
from train.evaluation import bss_eval, seen_vs_unseen, singing

SONG_S = 210
"""Length of the song that run time and memory are measured on."""
SEPARATORS = ("none", "hpss", "unet", "spleeter", "spleeter-package")


@dataclass(frozen=True)
class Comparison:
    """What the separators are compared on.

    Attributes:
        protocol_file: `remix_test.csv` or `remix_val.csv`.
        song_s: length of the song that run time and memory are measured on.
        remixes: of known and of new singers, each.
    """

    protocol_file: Path
    data: Path
    cache: Path
    seed: int = 0
    song_s: int = count(SONG_S, quick=10)
    remixes: int = count(seen_vs_unseen.REMIXES, quick=4)


def compare_separators(comparison: Comparison) -> dict[str, object]:
    """The metrics of every separator, and those of the embedded one on known and on new singers, ready for JSON."""
    data, cache = comparison.data, comparison.cache
    return {
        "test": evaluate_separators(comparison.protocol_file, data, comparison.song_s),
        "voices": seen_vs_unseen.evaluate_seen_vs_unseen(
            separation.load("unet"), data, cache, comparison.remixes, comparison.seed
        ),
    }


class HPSSSeparator:
    """Two median filters in a row (FitzGerald and Gainza 2010): a voice is unsteady in long windows, steady in short.

    Args:
        long, short: windows of the spectrograms, in samples at 16 kHz.
    """

    name = "hpss"

    def __init__(self, long: int = 4096, short: int = 512) -> None:
        self.long = long
        self.short = short

    def __call__(self, clip: Clip) -> Stems:
        """Stems [1, n] at 16 kHz."""
        mixture = clip.mono(RATE)
        vocals = self._component(self._component(mixture, self.long, 1), self.short, 0)
        return Stems(vocals[None], clip, RATE)

    @staticmethod
    def _component(samples: np.ndarray, window: int, index: int) -> np.ndarray:
        """The harmonic (0) or the percussive (1) component of samples [n]."""
        spectrum = librosa.stft(samples, n_fft=window, hop_length=window // 4)
        component = librosa.decompose.hpss(spectrum)[index]
        return librosa.istft(component, n_fft=window, hop_length=window // 4, length=len(samples))


def evaluate_separators(protocol_file: Path, data: Path, song_s: int = SONG_S) -> dict[str, dict[str, object]]:
    """Separator name to its metrics on a protocol file; separators that are not installed are left out.

    Each runs in a separate process, so that its peak memory is not that of the others.

    Raises:
        LayoutError, OSError: as `manifest.read_rows` and `protocol.read_rows`, before any measurement.
    """
    manifest.read_rows(data)
    protocol.read_rows(protocol_file, data)
    metrics: dict[str, dict[str, object]] = {}
    for name in SEPARATORS:
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
            try:
                metrics[name] = pool.submit(partial(evaluate_separator, name, protocol_file, data, song_s)).result()
            except SeparationError as error:
                print(f"{name} is left out: {error}")
    return metrics


def evaluate_separator(name: str, protocol_file: Path, data: Path, song_s: int = SONG_S) -> dict[str, object]:
    """Gains in dB, accuracy of the singing members, seconds per second of sound and peak memory in bytes."""
    separator: Separator = HPSSSeparator() if name == "hpss" else separation.load(name)
    cost = measure_cost(separator, song_s)
    default = SingingClassifier.load()
    remixes = load_protocol(protocol_file, data)
    pipeline = SingingClassifier(
        separator, default.features, default.ensemble, default.calibration, default.combination
    )
    predictions, gains = singing.predict_remixes(pipeline, remixes)
    labels = singing.label_indices(remixes)
    correct = predictions.probabilities.argmax(1) == labels
    return {
        "rows": len(remixes),
        "gains": singing.mean_separation_gains(gains, remixes),
        "mir1k": bss_eval.evaluate_mir1k(separator, bss_eval.load_mir1k_pairs(data)),
        "accuracy": float(correct.mean()),
        "accuracy_interval": macro_mean_interval(correct, labels, [remix.group for remix in remixes]),
        **cost,
    }


def measure_cost(separator: Separator, song_s: int = SONG_S) -> dict[str, float]:
    """Seconds per second of a song, after a warm-up, and the peak memory of the process and its worker in bytes."""
    melody = np.concatenate([clip.mono(RATE) for clip in synth.examples().values()])
    song = Clip(np.resize(melody, (1, song_s * RATE)), RATE)
    separator(Clip(song.samples[:, : 3 * RATE], RATE))
    start = time.perf_counter()
    separator(song)
    elapsed_s = time.perf_counter() - start
    peak = peak_bytes()
    if isinstance(separator, SpleeterPackage) and separator.worker.pid:
        peak += peak_bytes(separator.worker.pid)
    return {"real_time_factor": elapsed_s / song_s, "peak_bytes": peak}
