"""How far music is out of tune: the deviation of its spectral peaks from a piano at A = 440 Hz.

The definitions are those of librosa 0.11 (`piptrack`, `estimate_tuning`), without its compiled code.
"""

from __future__ import annotations

import numpy as np

LOWEST_HZ, HIGHEST_HZ = 150.0, 4000.0
THRESHOLD = 0.1
"""Share of the loudest bin of a frame that a peak must exceed."""
STEPS = 100
"""Steps that the histogram of deviations divides a pitch class into."""


def estimate_tuning(power: np.ndarray, rate: int, classes: int = 12) -> float:
    """Most frequent deviation of the peaks of a spectrogram [fft // 2 + 1, frames], in -0.5..0.5 of a pitch class.

    Only the peaks above the median magnitude count. Without any peak it is 0.
    """
    hertz, magnitude = spectral_peaks(power, rate)
    if not len(hertz):
        return 0.0
    loud = hertz[magnitude >= np.median(magnitude)]
    deviation = np.mod(classes * np.log2(loud / 27.5), 1.0)
    deviation[deviation >= 0.5] -= 1.0
    counts, edges = np.histogram(deviation, np.linspace(-0.5, 0.5, STEPS + 1))
    return float(edges[counts.argmax()])


def spectral_peaks(spectrogram: np.ndarray, rate: int) -> tuple[np.ndarray, np.ndarray]:
    """Frequency in Hz and magnitude of all peaks [p] of [fft // 2 + 1, frames], by parabolic interpolation."""
    bins = len(spectrogram)
    hertz = np.linspace(0, rate / 2, bins)
    strong = np.where(spectrogram > THRESHOLD * spectrogram.max(0), spectrogram, 0)
    peak = np.zeros(spectrogram.shape, bool)
    peak[1:-1] = (strong[1:-1] > strong[:-2]) & (strong[1:-1] >= strong[2:])
    peak[-1] = strong[-1] > strong[-2]
    peak &= ((hertz >= LOWEST_HZ) & (hertz < min(HIGHEST_HZ, rate / 2)))[:, None]
    row, frame = np.nonzero(peak)
    here, below = spectrogram[row, frame], spectrogram[row - 1, frame]
    above = spectrogram[np.minimum(row + 1, bins - 1), frame]
    curvature, slope = above + below - 2 * here, (above - below) / 2
    inside = np.abs(slope) < np.abs(curvature)
    shift = np.where(inside, -slope / np.where(inside, curvature, 1), 0)
    return (row + shift) * rate / (2 * (bins - 1)), here + slope * shift / 2
