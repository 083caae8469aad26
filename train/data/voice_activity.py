"""Where a song has a voice, by the level of its separated vocals."""

from __future__ import annotations

import numpy as np

from gender_audio.audio import Clip
from gender_audio.separation import Separator
from train.data.decoding import RATE

FRAME = 1_600
"""Samples of one frame: 100 ms."""
VOCALS_DB = -15.0
"""Vocals that are further below the mixture do not count as a voice."""
VOCALS_SHARE = 0.7
"""A window has a voice if this share of its frames has."""
RULE = (FRAME, VOCALS_DB)
"""What `vocal_power` depends on, besides the separator."""


def vocal_power(samples: np.ndarray, separate: Separator) -> np.ndarray:
    """Power of the separated vocals of samples [n] at 16 kHz in every frame, float32 [n // FRAME].

    It is 0 in frames without a voice.
    """
    stems = separate(Clip(samples[None], RATE))
    vocals, mixture = (_frame_power(part.mean(0)[: len(samples)]) for part in (stems.vocals, stems.mixture))
    return np.where(vocals >= mixture * 10 ** (VOCALS_DB / 10), vocals, 0).astype(np.float32)


def has_voice(power: np.ndarray) -> bool:
    """Whether a window with this vocal power [frames] has a voice most of the time."""
    return bool(np.mean(power > 0) >= VOCALS_SHARE)


def voiced_starts(power: np.ndarray, frames: int) -> np.ndarray:
    """First frames, int [k], of the windows of `frames` frames that have a voice."""
    if len(power) < frames:
        return np.zeros(0, int)
    counts = np.convolve(power > 0, np.ones(frames), mode="valid")
    return np.flatnonzero(counts >= VOCALS_SHARE * frames)


def _frame_power(samples: np.ndarray) -> np.ndarray:
    frames = samples[: len(samples) // FRAME * FRAME].reshape(-1, FRAME)
    return np.square(frames, dtype=np.float64).mean(1)
