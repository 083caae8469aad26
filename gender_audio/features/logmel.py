"""What the tagger listens to: 96 mel bands at 16 kHz as log10(1 + 10,000 power), in patches of three seconds.

Source: musicnn (Pons & Serra 2019). The song's loudest sample is 1 here, so that its level does not matter; and the
power is not rounded to half precision, in which ten thousand times a loud one would be infinite.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np

from gender_audio.features.framing import Windows
from gender_audio.features.mel import mel_spectrogram
from gender_audio.fingerprint import fingerprint


@dataclass(frozen=True)
class LogMel:
    """Parameters of the feature. Sizes in samples at `rate` Hz."""

    rate: int = 16_000
    fft: int = 512
    hop: int = 256
    mel: int = 96
    frames: int = 187
    gain: float = 10_000.0

    @property
    def fingerprint(self) -> str:
        """Sixteen hex digits that name this feature; a card carries them, and weights serve no other."""
        return fingerprint("logmel", asdict(self))

    def __call__(self, samples: np.ndarray) -> np.ndarray:
        """Samples [n] to patches, float32 [s, frames, mel]; the last ends with the song, a short song is repeated."""
        missing = max(0, (self.frames - 1) * self.hop - len(samples))
        samples = np.pad(samples, (0, missing), "wrap") / (float(np.abs(samples).max(initial=0)) or 1.0)
        power = mel_spectrogram(samples, self.rate, self.fft, self.hop, self.mel)
        windows = Windows(self.frames, self.frames)  # in frames, of which there is one a "second"
        return windows.cut(np.log10(1 + self.gain * power), 1).mT.astype(np.float32)
