"""Input of the music tagger: 96 mel bands at 16 kHz as log10(1 + 10,000 power), in patches of three seconds.

Source: musicnn (Pons & Serra 2019). Two differences: a song is scaled to the peak 1, so that its level does not matter,
and the power is not rounded to half precision, where large values would become infinite.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np

from gender_audio.features.framing import Windows
from gender_audio.features.mel import mel_spectrogram
from gender_audio.fingerprint import fingerprint


@dataclass(frozen=True)
class LogMel:
    """Parameters of the feature; sizes in samples at `rate` Hz."""

    rate: int = 16_000
    fft: int = 512
    hop: int = 256
    mel: int = 96
    frames: int = 187
    gain: float = 10_000.0

    @property
    def fingerprint(self) -> str:
        """Sixteen hex digits that identify this feature; weights are valid only for the one they were trained on."""
        return fingerprint("logmel", asdict(self))

    def __call__(self, samples: np.ndarray) -> np.ndarray:
        """Samples [n] to patches, float32 [s, frames, mel]; the last ends with the song, a short song is repeated."""
        missing = max(0, (self.frames - 1) * self.hop - len(samples))
        samples = np.pad(samples, (0, missing), "wrap") / (float(np.abs(samples).max(initial=0)) or 1.0)
        power = mel_spectrogram(samples, self.rate, self.fft, self.hop, self.mel)
        windows = Windows(self.frames, self.frames)  # in frames, at the rate of 1
        return windows.cut(np.log10(1 + self.gain * power), 1).mT.astype(np.float32)
