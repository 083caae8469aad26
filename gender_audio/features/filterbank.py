"""The log mel filter bank of the singing system: as published (exact), or normalised to be independent of level.

Exact, [299, 40]: pre-emphasis, 25 ms Hamming frames every 10 ms, 1024-point power spectrum, 40 triangular mel filters
with edges rounded down to bins, 20 log10 of the power (twice the usual dB), zeros replaced by float64's epsilon.
Source: system A's script.

Normalised: the same values relative to the loudest one of the snippet, limited to 80 dB (160 in the doubled scale)
below it and scaled to -2..2. A snippet that stays below -100 dB is silence: -2 everywhere.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import lru_cache

import torch
from torch import Tensor

from gender_audio.features.axes import FeatureAxes
from gender_audio.fingerprint import fingerprint

EPSILON = 2.220446049250313e-16
RANGE = 160.0
SILENCE = -200.0


@dataclass(frozen=True)
class Filterbank:
    """Parameters of the feature; sizes in samples at `rate` Hz."""

    rate: int = 16_000
    samples: int = 48_000
    frame: int = 400
    hop: int = 160
    fft: int = 1024
    bands: int = 40
    preemphasis: float = 0.97
    normalise: bool = False

    @property
    def frames(self) -> int:
        """Number of frames of one snippet."""
        return -(-(self.samples - self.frame) // self.hop) + 1

    @property
    def fingerprint(self) -> str:
        """Sixteen hex digits that identify this feature; weights are valid only for the one they were trained on."""
        return fingerprint("filterbank", asdict(self))

    @property
    def axes(self) -> FeatureAxes:
        """Bands at the peaks of their filters, frames at their middles."""
        centres_hz = [self.rate * edge / self.fft for edge in self.bins()[1:-1]]
        return FeatureAxes.hertz(centres_hz, self.hop / self.rate, self.frame / 2 / self.rate)

    def bins(self) -> list[int]:
        """FFT bins of the edges of the filters, [bands + 2]; filter i rises from edge i to i + 1 and falls to i + 2."""
        highest = 2595 * torch.log10(torch.tensor(1 + self.rate / 2 / 700, dtype=torch.float64))
        mel = torch.linspace(0, 1, self.bands + 2, dtype=torch.float64) * highest
        hertz = 700 * (10 ** (mel / 2595) - 1)
        # The last edge is the Nyquist frequency; a rounding error must not move it one bin down.
        return [int(edge) for edge in torch.floor(self.fft * hertz / self.rate + 1e-9)]

    def __call__(self, snippets: Tensor) -> Tensor:
        """Waveforms [..., n] at `rate` Hz to features [..., frames, bands]; they are padded or cut to `samples`.

        With `normalise`, snippets of shape [..., channels, n] share one reference level over their channels.
        """
        flat = snippets.reshape(-1, snippets.shape[-1])
        # One at a time, so that the spectrum stays in the cache of the processor and memory stays bounded.
        parts = torch.cat([self._decibels(one) for one in flat.split(1)])
        decibels = parts.view(*snippets.shape[:-1], self.frames, self.bands)
        return relative(decibels) if self.normalise else decibels

    def _decibels(self, snippets: Tensor) -> Tensor:
        waveform = torch.nn.functional.pad(snippets, (0, self.samples - snippets.shape[1]))
        emphasised = torch.cat([waveform[:, :1], waveform[:, 1:] - self.preemphasis * waveform[:, :-1]], 1)
        whole = (self.frames - 1) * self.hop + self.frame
        padded = torch.nn.functional.pad(emphasised, (0, whole - self.samples))
        window, filters = _tables(self, snippets.dtype, snippets.device)
        spectrum = torch.view_as_real(torch.fft.rfft(padded.unfold(1, self.frame, self.hop) * window, self.fft))
        energy = spectrum.square_().flatten(2) @ filters
        return 20 * torch.log10(torch.where(energy == 0, EPSILON, energy))


def relative(decibels: Tensor) -> Tensor:
    """Features [..., channels, frames, bands] in doubled dB to -2..2, relative to the loudest value of the snippet."""
    shared = tuple(range(-min(3, decibels.dim()), 0))
    loudest = decibels.amax(shared, keepdim=True)
    limited = (decibels - loudest).clamp(min=-RANGE) * (4 / RANGE) + 2
    return torch.where(loudest < SILENCE, -2.0, limited)


@lru_cache(maxsize=8)
def _tables(parameters: Filterbank, dtype: torch.dtype, device: torch.device) -> tuple[Tensor, Tensor]:
    window = torch.hamming_window(parameters.frame, periodic=False, alpha=0.54, beta=0.46, dtype=torch.float64)
    # Real and imaginary parts are neighbours, so every filter is repeated.
    table = (filters(parameters) / parameters.fft).repeat_interleave(2, 0)
    return window.to(device, dtype), table.to(device, dtype)


def filters(parameters: Filterbank) -> Tensor:
    """The triangular filters, float64 [fft / 2 + 1, bands], with peak 1 and without area normalisation."""
    edges = parameters.bins()
    table = torch.zeros(parameters.fft // 2 + 1, parameters.bands, dtype=torch.float64)
    for band, (left, centre, right) in enumerate(zip(edges, edges[1:], edges[2:], strict=False)):
        rising = torch.arange(left, centre, dtype=torch.float64)
        falling = torch.arange(centre, right, dtype=torch.float64)
        table[left:centre, band] = (rising - left) / (centre - left)
        table[centre:right, band] = (right - falling) / (right - centre)
    return table
