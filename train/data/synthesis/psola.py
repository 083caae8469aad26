"""Speech turned into singing: each voiced stretch is held for a note of a random melody.

The corpora have about twelve singers and two hundred people who only speak. Praat changes pitch and duration by PSOLA
(Moulines and Charpentier 1990), so the formants stay those of the speaker.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import parselmouth
from parselmouth.praat import call, run

from train.data.synthesis.mbrola import RANGES, draw_style, melody, pitch_contour

DATASET = "sung-speech"
LICENCE = "speech of the corpora named here, sung by Praat"
SONGS_PER_SPEAKER = 2
"""Default number of songs for each speaker."""
SOURCE_S = 9.0
"""Seconds of a recording that are used, at most."""
SPEECH_HZ = {"male": (60.0, 350.0), "female": (90.0, 550.0)}
"""Range of the pitch of speech."""
STEP_S = 0.01
SYLLABLE_S = 0.22
"""A longer voiced stretch gets several notes."""
SHORTEST_S = 0.05
FASTEST, SLOWEST = 0.8, 5.0
"""Limits of the stretch factor of a voiced stretch."""
PAUSE = 0.6
"""Stretch factor of the gaps between voiced stretches."""
EDGE_S = 0.001
"""Time within which one stretch factor changes to the next."""


def sing(samples: np.ndarray, rate: int, kind: str, rng: np.random.Generator) -> np.ndarray:
    """Turn speech [n] at `rate` Hz into singing, float32 [m] with a peak of 0.7. Silence stays silent.

    Args:
        kind: male or female; decides the pitch range of the speech and of the melody.
        rng: decides the melody and the singing style.
    """
    sound = parselmouth.Sound(samples[: int(SOURCE_S * rate)].astype(np.float64), rate)
    manipulation = call(sound, "To Manipulation", STEP_S, *SPEECH_HZ[kind])
    pitch_tier, duration_tier = (
        call(f"Create {tier}", "sung", 0, sound.duration) for tier in ("PitchTier", "DurationTier")
    )
    style, notes, previous, end = draw_style(rng), melody(rng, *RANGES[kind]), None, 0.0
    for start, stop in syllables(sound, kind):
        note, beats = next(notes)
        stretch = float(np.clip(beats * style.beat_ms / 1000 / (stop - start), FASTEST, SLOWEST))
        times, hz = pitch_contour(
            rng, style, 1000 * stretch * (stop - start), note if previous is None else previous, note
        )
        for time, frequency in zip(times, hz, strict=True):
            call(pitch_tier, "Add point", start + time / 1000 / stretch, float(frequency))
        pauses = [(end + EDGE_S, PAUSE), (start - EDGE_S, PAUSE)] if start > end + 2 * EDGE_S else []
        for time, factor in (*pauses, (start + EDGE_S, stretch), (stop - EDGE_S, stretch)):
            call(duration_tier, "Add point", time, factor)
        previous, end = note, stop
    for tier, name in ((pitch_tier, "pitch"), (duration_tier, "duration")):
        call([manipulation, tier], f"Replace {name} tier")
    run(f"random_initializeWithSeedUnsafelyButPredictably ({rng.integers(2**31)})")
    singing = call(manipulation, "Get resynthesis (overlap-add)").values[0]
    return (singing / max(1e-9, np.abs(singing).max()) * 0.7).astype(np.float32)


def syllables(sound: parselmouth.Sound, kind: str) -> list[tuple[float, float]]:
    """Start and end of the voiced stretches, in s. Long ones are divided."""
    tracked = sound.to_pitch(STEP_S, *SPEECH_HZ[kind])
    voiced = np.concatenate([[0], (tracked.selected_array["frequency"] > 0).astype(int), [0]])
    times = np.concatenate([[0.0], tracked.xs(), [sound.duration]])
    turns = np.flatnonzero(np.diff(voiced))
    parts: list[tuple[float, float]] = []
    for first, last in zip(turns[::2], turns[1::2], strict=True):
        start, stop = times[first + 1] - STEP_S / 2, times[last] + STEP_S / 2
        if stop - start < SHORTEST_S:
            continue
        edges = np.linspace(start, stop, 1 + max(1, round((stop - start) / SYLLABLE_S)))
        parts += list(pairwise(edges.tolist()))
    return parts
