"""Speakers made to sing: what somebody said, each voiced stretch held for a note of a random melody.

The corpora have some dozen people who sing and two hundred who only speak. Praat moves their pitch and slows them down
by overlapping and adding the periods of their voice (PSOLA, Moulines & Charpentier 1990), so the throat stays theirs.
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
"""How often everyone sings."""
SOURCE_S = 9.0
"""How much of a recording is sung."""
SPEECH_HZ = {"male": (60.0, 350.0), "female": (90.0, 550.0)}
"""Where the pitch of speech is looked for."""
STEP_S = 0.01
SYLLABLE_S = 0.22
"""A longer voiced stretch carries several notes."""
SHORTEST_S = 0.05
FASTEST, SLOWEST = 0.8, 5.0
"""How far a voiced stretch gives way to its note."""
PAUSE = 0.6
"""What becomes of the time between voiced stretches."""
EDGE_S = 0.001
"""Within which one pace becomes another."""


def sing(samples: np.ndarray, rate: int, kind: str, rng: np.random.Generator) -> np.ndarray:
    """What is said in samples [n] at `rate` Hz, sung by the same voice, float32 [m], peak 0.7; silence stays silent.

    Args:
        kind: male or female; decides where the speech is expected and the melody lies.
        rng: decides the melody and the manner.
    """
    sound = parselmouth.Sound(samples[: int(SOURCE_S * rate)].astype(np.float64), rate)
    manipulation = call(sound, "To Manipulation", STEP_S, *SPEECH_HZ[kind])
    pitch, pace = (call(f"Create {tier}", "sung", 0, sound.duration) for tier in ("PitchTier", "DurationTier"))
    manner, notes, before, end = draw_style(rng), melody(rng, *RANGES[kind]), None, 0.0
    for start, stop in syllables(sound, kind):
        note, beats = next(notes)
        stretch = float(np.clip(beats * manner.beat_ms / 1000 / (stop - start), FASTEST, SLOWEST))
        times, hz = pitch_contour(
            rng, manner, 1000 * stretch * (stop - start), note if before is None else before, note
        )
        for time, frequency in zip(times, hz, strict=True):
            call(pitch, "Add point", start + time / 1000 / stretch, float(frequency))
        pauses = [(end + EDGE_S, PAUSE), (start - EDGE_S, PAUSE)] if start > end + 2 * EDGE_S else []
        for time, factor in (*pauses, (start + EDGE_S, stretch), (stop - EDGE_S, stretch)):
            call(pace, "Add point", time, factor)
        before, end = note, stop
    for tier, name in ((pitch, "pitch"), (pace, "duration")):
        call([manipulation, tier], f"Replace {name} tier")
    run(f"random_initializeWithSeedUnsafelyButPredictably ({rng.integers(2**31)})")
    sung = call(manipulation, "Get resynthesis (overlap-add)").values[0]
    return (sung / max(1e-9, np.abs(sung).max()) * 0.7).astype(np.float32)


def syllables(sound: parselmouth.Sound, kind: str) -> list[tuple[float, float]]:
    """Voiced stretches in s, long ones in parts."""
    found = sound.to_pitch(STEP_S, *SPEECH_HZ[kind])
    voiced = np.concatenate([[0], (found.selected_array["frequency"] > 0).astype(int), [0]])
    times = np.concatenate([[0.0], found.xs(), [sound.duration]])
    turns = np.flatnonzero(np.diff(voiced))
    parts: list[tuple[float, float]] = []
    for first, last in zip(turns[::2], turns[1::2], strict=True):
        start, stop = times[first + 1] - STEP_S / 2, times[last] + STEP_S / 2
        if stop - start < SHORTEST_S:
            continue
        edges = np.linspace(start, stop, 1 + max(1, round((stop - start) / SYLLABLE_S)))
        parts += list(pairwise(edges.tolist()))
    return parts
