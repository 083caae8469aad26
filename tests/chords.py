"""A synthesised song for the genre system."""

from __future__ import annotations

import numpy as np

from gender_audio.audio import Clip

RATE = 11_025


def chords(seconds: float, seed: int = 0) -> Clip:
    """A clip with chords that change every five seconds, over a beat."""
    rng, time_s = np.random.default_rng(seed), np.arange(round(seconds * RATE)) / RATE
    roots = 110.0 * 2 ** (rng.integers(0, 12, 1 + int(seconds / 5)) / 12)
    phase = 2 * np.pi * np.cumsum(roots[(time_s / 5).astype(int)]) / RATE
    chord = np.sin(phase) + np.sin(phase * 5 / 4) + np.sin(phase * 3 / 2)
    beat = rng.standard_normal(len(time_s)) * np.exp(-8 * (time_s % 0.5))
    return Clip((0.1 * chord + 0.1 * beat).astype(np.float32)[None], RATE)
