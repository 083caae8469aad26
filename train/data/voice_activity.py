"""Where a song has a voice, by the level of its separated vocals."""

from __future__ import annotations

import numpy as np

from gender_audio.audio import Clip
from gender_audio.separation import Separator
from train.data.decoding import RATE

SEPARATOR = "spleeter"
"""The separator that finds voices, as for the real yardstick."""
FRAME = 1_600
"""Samples of one frame at 16 kHz: 100 ms."""
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
    frame, count = FRAME * stems.rate // RATE, len(samples) // FRAME
    vocals, mixture = (
        np.square(part.mean(0)[: count * frame], dtype=np.float64).reshape(count, frame).mean(1)
        for part in (stems.vocals, stems.mixture)
    )
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
