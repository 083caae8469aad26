"""Kaldi's log mel filter bank in torch, and its mel filters. Source: Kaldi's feature-fbank and mel-computations."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from functools import lru_cache

import torch
from torch import Tensor

from gender_audio.fingerprint import fingerprint

LOWEST_ENERGY = torch.finfo(torch.float32).eps
POVEY_EXPONENT = 0.85
INT16_SCALE = 32768.0
"""Kaldi takes samples as 16-bit integers."""


@dataclass(frozen=True)
class KaldiFbank:
    """Parameters of the feature; sizes in samples at `rate` Hz, frequencies in Hz. There is no dither."""

    rate: int = 16_000
    frame: int = 400
    hop: int = 160
    fft: int = 512
    bands: int = 80
    lowest_hz: float = 20.0
    preemphasis: float = 0.97

    @property
    def fingerprint(self) -> str:
        """Sixteen hex digits that identify this feature; weights are valid only for the one they were trained on."""
        return fingerprint("kaldi-fbank", asdict(self))

    def __call__(self, samples: Tensor) -> Tensor:
        """Samples [..., n] in -1..1 to the natural logarithms of band energies, float32 [..., frames, bands].

        Frames lie within the samples, so there are 1 + (n - frame) // hop of them.
        """
        frames = (samples * INT16_SCALE).unfold(-1, self.frame, self.hop)
        frames = frames - frames.mean(-1, keepdim=True)
        previous = torch.cat([frames[..., :1], frames[..., :-1]], -1)
        window = torch.hann_window(self.frame, periodic=False).pow(POVEY_EXPONENT)
        power = torch.fft.rfft((frames - self.preemphasis * previous) * window, self.fft).abs().square()
        filters = mel_filters(self.bands, self.fft, self.rate, self.lowest_hz, self.rate / 2)
        return (power @ filters.T).clamp(min=LOWEST_ENERGY).log()


@lru_cache(maxsize=8)
def mel_filters(bands: int, fft: int, rate: int, lowest_hz: float, highest_hz: float) -> Tensor:
    """Kaldi's triangular filters, evenly spaced and straight in mel, float32 [bands, fft / 2 + 1]; Nyquist has none."""
    mel = 1127 * torch.log1p(torch.arange(fft // 2 + 1, dtype=torch.float64) * rate / fft / 700)
    low, high = (1127 * math.log1p(hertz / 700) for hertz in (lowest_hz, highest_hz))
    edges = torch.linspace(low, high, bands + 2, dtype=torch.float64)[:, None]
    left, centre, right = edges[:-2], edges[1:-1], edges[2:]
    filters = torch.minimum((mel - left) / (centre - left), (right - mel) / (right - centre)).clamp(min=0)
    filters[:, -1] = 0
    return filters.float()
