"""MIR-1K's measure of separation: BSS Eval (Vincent 2006) on voice and accompaniment mixed at the same level.

GNSDR is the mean SDR improvement of the voice over the mixture, weighted by clip length (Hsu and Jang 2010). SIR
measures remaining accompaniment, SAR artefacts.
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

FILTER_TAPS = 512
"""Length of the distortion filter that BSS Eval allows."""


def load_mir1k_pairs(data: Path, split: str = "test") -> list[tuple[np.ndarray, np.ndarray]]:
    """Voice and accompaniment of every MIR-1K clip of a split at unit RMS, float32 [n] each."""
    voices = [row.path for row in read_sources(data, split) if row.dataset == "mir1k" and row.kind == "singing"]
    pairs = [(path, path.replace("voice/", "accompaniment/")) for path in voices]
    return [(normalise_rms(read_mono(data / voice)), normalise_rms(read_mono(data / other))) for voice, other in pairs]


def evaluate_mir1k(separator: Separator, pairs: list[tuple[np.ndarray, np.ndarray]]) -> dict[str, float]:
    """GNSDR, GSIR and GSAR of the separated vocals in dB over all pairs."""
    rows = []
    for voice, accompaniment in tqdm(pairs, desc="mir1k", unit="clip"):
        mixture = voice + accompaniment
        stems = separator(Clip(mixture[None], RATE))
        estimates = [Clip(stem, stems.rate).mono(RATE)[: len(voice)] for stem in (stems.vocals, stems.accompaniment)]
        voice_sdr, voice_sir, voice_sar = bss_eval(np.stack([voice, accompaniment]), np.stack(estimates))
        rows.append((voice_sdr - sdr(voice, mixture), voice_sir, voice_sar))
    lengths = [len(voice) for voice, _ in pairs]
    return dict(zip(("gnsdr", "gsir", "gsar"), np.average(rows, 0, lengths).tolist(), strict=True))


def bss_eval(references: np.ndarray, estimates: np.ndarray) -> tuple[float, float, float]:
    """SDR, SIR and SAR in dB of the first of the stems [stems, n]."""
    # A perfect estimate has no artefacts, and SAR would be infinite; a trace of noise keeps it finite.
    noise = 1e-6 * np.random.default_rng(0).standard_normal(estimates.shape)
    # The library's NumPy backend relies on a rule of `solve` that NumPy 2 has changed, so it gets tensors.
    stems = torch.from_numpy(references.astype(np.float64)), torch.from_numpy(estimates + noise)
    ratios = fast_bss_eval.bss_eval_sources(*stems, filter_length=FILTER_TAPS, compute_permutation=False)
    return float(ratios[0][0]), float(ratios[1][0]), float(ratios[2][0])


def sdr(reference: np.ndarray, estimate: np.ndarray) -> float:
    """SDR of one stem [n] in dB, regardless of other stems."""
    stems = (torch.from_numpy(samples.astype(np.float64))[None] for samples in (reference, estimate))
    return float(fast_bss_eval.sdr(*stems, filter_length=FILTER_TAPS)[0])
