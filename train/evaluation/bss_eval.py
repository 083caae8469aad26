"""MIR-1K's own measure of separation: voice and accompaniment of a clip at one level, by BSS Eval (Vincent 2006).

GNSDR is the mean over clips, weighted by their length, of how much the SDR of the voice gains over the mixture's (Hsu
and Jang 2010). SIR says how much accompaniment is left in it, SAR how many artefacts are.
"""

from __future__ import annotations

from pathlib import Path

import fast_bss_eval
import numpy as np
import torch
from tqdm import tqdm

from gender_audio.audio import Clip
from gender_audio.separation import Separator
from train.data.corpus import read_sources
from train.data.decoding import RATE, read_mono
from train.data.effects import normalise_rms

TAPS = 512
"""Length of the filter that a true stem may have gone through."""


def clips(data: Path, split: str = "test") -> list[tuple[np.ndarray, np.ndarray]]:
    """Voice and accompaniment of every clip of the split's singers at unit RMS, float32 [n] each."""
    voices = [row.path for row in read_sources(data, split) if row.dataset == "mir1k" and row.kind == "singing"]
    pairs = [(data / path, data / path.replace("voice/", "accompaniment/")) for path in voices]
    return [(normalise_rms(read_mono(voice)), normalise_rms(read_mono(rest))) for voice, rest in pairs]


def measure(separator: Separator, pairs: list[tuple[np.ndarray, np.ndarray]]) -> dict[str, float]:
    """GNSDR, GSIR and GSAR of the vocals in dB over all clips."""
    rows = []
    for voice, rest in tqdm(pairs, desc="mir1k", unit="clip"):
        stems = separator(Clip((voice + rest)[None], RATE))
        found = [Clip(stem, stems.rate).mono(RATE)[: len(voice)] for stem in (stems.vocals, stems.accompaniment)]
        sdr, sir, sar = figures(np.stack([voice, rest]), np.stack(found))
        rows.append((sdr - distortion(voice, voice + rest), sir, sar))
    lengths = [len(voice) for voice, _ in pairs]
    return dict(zip(("gnsdr", "gsir", "gsar"), np.average(rows, 0, lengths).tolist(), strict=True))


def figures(true: np.ndarray, found: np.ndarray) -> tuple[float, float, float]:
    """SDR, SIR and SAR of the first of some stems [stems, n] in dB."""
    # A trace of noise: an estimate that is a stem exactly has no artefacts, and dividing by none is no number.
    trace = 1e-6 * np.random.default_rng(0).standard_normal(found.shape)
    # Its NumPy half relies on a rule of `solve` that NumPy 2 has changed.
    stems = torch.from_numpy(true.astype(np.float64)), torch.from_numpy(found + trace)
    sdr, sir, sar = fast_bss_eval.bss_eval_sources(*stems, filter_length=TAPS, compute_permutation=False)
    return float(sdr[0]), float(sir[0]), float(sar[0])


def distortion(true: np.ndarray, found: np.ndarray) -> float:
    """SDR of one stem [n] in dB; the other stems have no part in it."""
    stems = (torch.from_numpy(samples.astype(np.float64))[None] for samples in (true, found))
    return float(fast_bss_eval.sdr(*stems, filter_length=TAPS)[0])
