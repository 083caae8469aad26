"""The median fundamental frequency of a voice, by SwiftF0 (Nieradzik 2025): a small network for onnxruntime."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from scipy.signal import butter, sosfilt

from gender_audio.audio.loudness import loudest

if TYPE_CHECKING:
    from swift_f0 import SwiftF0

LONGEST_S = 15.0
LOWEST_HZ, HIGHEST_HZ = 63.0, 515.0
"""Accepted pitch: voices from 65 to 500 Hz, and 3 % tolerance. Mains hum is lower."""
HUM_HZ = 75.0
"""Cut-off of the high-pass filter; without it, hum and rumble would mask a quiet voice."""
VOICED = 0.5
"""Confidence from which a frame counts as voiced."""
SHORTEST_VOICED_S = 0.1
STEP_S = 0.016
"""Hop of the network."""
PEAK = 0.5
"""Peak to which the samples are scaled: the network treats very quiet sound as silence."""
DITHER = 0.002
"""Level of added noise: the network was trained on recordings and has low confidence in sound without noise."""


def median_pitch(samples: np.ndarray, rate: int) -> float | None:
    """Median fundamental frequency in Hz of the loudest 15 s of samples [n].

    None if less than a tenth of a second is voiced.
    """
    excerpt = loudest(samples, round(LONGEST_S * rate))
    if not excerpt.any():
        return None
    filtered = sosfilt(butter(4, HUM_HZ, "highpass", fs=rate, output="sos"), excerpt)
    noise = np.random.default_rng(0).standard_normal(len(filtered))
    frames = _detector().detect(filtered * (PEAK / np.abs(filtered).max()) + DITHER * noise, rate)
    hertz = frames.pitch_hz[frames.confidence >= VOICED]
    voiced = hertz[(hertz >= LOWEST_HZ) & (hertz <= HIGHEST_HZ)]
    return float(np.median(voiced)) if len(voiced) * STEP_S >= SHORTEST_VOICED_S else None


@cache
def _detector() -> SwiftF0:
    """The network; one for the process, on one thread."""
    import onnxruntime
    from swift_f0 import SwiftF0

    onnxruntime.disable_telemetry_events()
    return SwiftF0(threads=1, spin=False)
