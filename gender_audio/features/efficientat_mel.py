"""Input of EfficientAT: 128 mel bands up to 15 kHz at 32 kHz. Source: Schmid et al. 2023, their preprocessing."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import torch
from torch import Tensor

from gender_audio.features.kaldi import mel_filters
from gender_audio.fingerprint import fingerprint


@dataclass(frozen=True)
class EfficientATMel:
    """Parameters of the feature; sizes in samples at `rate` Hz, frequencies in Hz."""

    rate: int = 32_000
    window: int = 800
    hop: int = 320
    fft: int = 1024
    bands: int = 128
    highest_hz: float = 15_000.0
    preemphasis: float = 0.97
    floor: float = 1e-5
    offset: float = 4.5
    scale: float = 5.0

    @property
    def fingerprint(self) -> str:
        """Sixteen hex digits that identify this feature; weights are valid only for the one they were trained on."""
        return fingerprint("efficientat-mel", asdict(self))

    def __call__(self, samples: Tensor) -> Tensor:
        """Samples [s, n] in -1..1 to (log(power + floor) + offset) / scale, float32 [s, bands, frames]."""
        emphasised = samples[:, 1:] - self.preemphasis * samples[:, :-1]
        window = torch.hann_window(self.window, periodic=False)
        spectrum = torch.stft(emphasised, self.fft, self.hop, self.window, window, return_complex=True)
        filters = mel_filters(self.bands, self.fft, self.rate, 0.0, self.highest_hz)
        return ((filters @ spectrum.abs().square() + self.floor).log() + self.offset) / self.scale
