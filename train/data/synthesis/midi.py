"""Synthesised accompaniments: random pieces of music rendered with General MIDI soundfonts.

They add instruments that the karaoke tracks and game music of the corpora lack. Choirs and synthesised voices are
excluded. Lead instruments may have pitch slides and vibrato, like a voice.
"""

from __future__ import annotations

import functools
import io
from collections.abc import Iterator
from pathlib import Path

import midirenderer
import numpy as np
import pretty_midi
import soundfile
from pretty_midi import Instrument, Note, PitchBend

from train.data.validation import LayoutError

DATASET = "band"
LICENCE = (
    "random pieces on TimGM6mb.sf2 (Tim Brechbill, GPL-2.0) as pretty_midi has it, on FluidR3_GM.sf2 (Frank Wen, MIT) "
    "and on MuseScore_General_Full.sf2 (S. Christian Collins and others, MIT), both as Debian has them"
)
LENGTH_S = 12.0
PIECES = 500
"""Pieces for each soundfont."""
SOUNDFONT_FOLDER = Path("/usr/share/sounds/sf2")
FONTS = {
    Path(pretty_midi.__file__).parent / "TimGM6mb.sf2": "pretty_midi",
    SOUNDFONT_FOLDER / "FluidR3_GM.sf2": "fluid-soundfont-gm",
    SOUNDFONT_FOLDER / "MuseScore_General_Full.sf2": "musescore-general-soundfont-lossless",
}
"""Soundfont to the package that contains it."""
COUNT = len(FONTS) * PIECES

# General MIDI programs, counted from 0, by role.
CHORDS = (*range(8), *range(16, 32), 46, 48, 49, 50, 51, 61, 62, 88, 89, 90, 104, 105, 106, 107)
BASSES = (32, 33, 34, 35, 36, 38, 39, 43)
LEADS = (*range(8, 15), 21, 22, 24, 26, 29, 30, *range(40, 45), *range(56, 81), 81, 87, 104, 109, 110, 111)

MAJOR, MINOR = (0, 2, 4, 5, 7, 9, 11), (0, 2, 3, 5, 7, 8, 10)
KICK, SNARE, HAT, RIDE, CRASH = 36, 38, 42, 51, 49
HAND_DRUMS = (41, 43, 45, 47, 50, *range(60, 69), 78, 79)


def missing_packages(count: int) -> list[str]:
    """The packages that are needed for this number of pieces and are not installed."""
    fonts = list(FONTS.items())[: -(-count // PIECES)]
    return [package for path, package in fonts if not path.exists()]


def render(number: int) -> tuple[np.ndarray, int]:
    """A rendered piece, float32 [n, 2], and its rate in Hz. The number selects the music and the soundfont.

    Raises:
        LayoutError: the soundfont is not installed.
    """
    file = io.BytesIO()
    compose(np.random.default_rng(number)).write(file)
    wave = midirenderer.render_wave_from(_soundfont(number // PIECES), file.getvalue())
    return soundfile.read(io.BytesIO(wave), dtype="float32")


@functools.lru_cache(1)
def _soundfont(number: int) -> bytes:
    path, package = list(FONTS.items())[number]
    if not path.exists():
        raise LayoutError(f"{path} is missing: install Debian's package {package}, or put the soundfont there.")
    return path.read_bytes()


def compose(rng: np.random.Generator) -> pretty_midi.PrettyMIDI:
    """Compose about twelve seconds in one key and tempo for chords, bass, drums and lead, or for one of these alone."""
    beat_s = 60 / rng.uniform(60, 160)
    scale = np.add(int(rng.integers(48, 60)), MAJOR if rng.random() < 0.6 else MINOR)
    roots = rng.choice([0, 0, 1, 2, 3, 3, 4, 4, 5], size=4)
    piece = pretty_midi.PrettyMIDI(initial_tempo=60 / beat_s)
    solo = rng.choice(["none", "lead", "chords", "drums"], p=[0.5, 0.33, 0.1, 0.07])
    if solo in ("none", "chords"):
        count = int(rng.integers(1, 3)) if solo == "none" else 1
        piece.instruments += [chords(rng, beat_s, scale, roots) for _ in range(count)]
    if solo == "none" and rng.random() < 0.75:
        piece.instruments.append(bass(rng, beat_s, scale, roots))
    if solo == "drums" or (solo == "none" and rng.random() < 0.6):
        piece.instruments.append(drums(rng, beat_s, by_hand=solo == "drums"))
    if solo == "lead" or (solo == "none" and rng.random() < 0.6):
        piece.instruments.append(lead(rng, beat_s, scale))
    return piece


def chords(rng: np.random.Generator, beat_s: float, scale: np.ndarray, roots: np.ndarray) -> Instrument:
    """One triad per bar: held, repeated on every beat, or broken into eighths."""
    instrument, loudness = Instrument(int(rng.choice(CHORDS))), int(rng.integers(55, 100))
    pattern, octave = rng.choice(["held", "repeated", "broken"]), 12 * int(rng.integers(0, 2))
    for bar, start in _bars(beat_s):
        triad = [octave + _degree(scale, roots[bar % 4] + step) for step in (0, 2, 4)]
        if pattern == "broken":
            notes = [(triad[place % 3], place / 2, 0.5) for place in range(8)]
        else:
            beats = (0,) if pattern == "held" else range(4)
            notes = [(pitch, float(beat), 4 / len(beats)) for beat in beats for pitch in triad]
        instrument.notes += [
            _note(loudness, pitch, start + at * beat_s, length * beat_s) for pitch, at, length in notes
        ]
    return instrument


def bass(rng: np.random.Generator, beat_s: float, scale: np.ndarray, roots: np.ndarray) -> Instrument:
    """The root of each chord, sometimes its fifth, two to eight times per bar."""
    instrument, notes_per_bar = Instrument(int(rng.choice(BASSES))), int(rng.choice([2, 4, 8]))
    for bar, start in _bars(beat_s):
        for place in range(notes_per_bar):
            pitch = _degree(scale, roots[bar % 4] + (4 if rng.random() < 0.2 else 0)) - 12
            length = 4 / notes_per_bar * beat_s
            instrument.notes.append(_note(90, pitch, start + place * length, 0.9 * length))
    return instrument


def drums(rng: np.random.Generator, beat_s: float, by_hand: bool) -> Instrument:
    """Kick, snare and cymbals in eighths, or with `by_hand` two or three hand drums in sixteenths."""
    instrument, cymbal = Instrument(0, is_drum=True), int(rng.choice([HAT, HAT, RIDE]))
    kicks = rng.random(8) < (0.9, 0.1, 0.1, 0.3, 0.8, 0.2, 0.1, 0.2)
    pattern = np.where(rng.random(16) < 0.6, rng.choice(rng.choice(HAND_DRUMS, 3), 16), 0)
    for bar, start in _bars(beat_s):
        if by_hand:
            hits = [(int(pattern[place]), place / 2) for place in np.flatnonzero(pattern)]
        else:
            hits = [(KICK, place) for place in np.flatnonzero(kicks)] + [(SNARE, 2), (SNARE, 6)]
            hits += [(cymbal, place) for place in range(8)] + ([(CRASH, 0)] if bar % 4 == 0 else [])
        instrument.notes += [_note(int(rng.integers(60, 110)), drum, start + at / 2 * beat_s, 0.1) for drum, at in hits]
    return instrument


def lead(rng: np.random.Generator, beat_s: float, scale: np.ndarray) -> Instrument:
    """A random melody in the range of a singer, with rests and sometimes vibrato."""
    instrument, place, at = Instrument(int(rng.choice(LEADS))), int(rng.integers(0, 10)), 0.0
    if rng.random() < 0.4:
        instrument.control_changes.append(pretty_midi.ControlChange(1, int(rng.integers(20, 110)), 0.0))
    while at < LENGTH_S:
        length = beat_s * rng.choice([0.5, 0.5, 1, 1, 2, 3])
        if rng.random() < 0.88:
            instrument.notes.append(_note(int(rng.integers(70, 120)), _degree(scale, place), at, length))
        place = int(np.clip(place + rng.choice([-4, -2, -1, -1, 0, 1, 1, 2, 4]), -2, 15))
        at += length
    if rng.random() < 0.5:
        instrument.pitch_bends += pitch_bends(rng, instrument.notes)
    return instrument


def pitch_bends(rng: np.random.Generator, notes: list[Note]) -> list[PitchBend]:
    """Pitch bends like those of a fiddle or guitar: slides from below or above, then vibrato."""
    slide_s, pace, depth, onset_s = (
        rng.uniform(0.03, 0.2),
        rng.uniform(4, 7.5),
        rng.uniform(0, 0.7),
        rng.uniform(0, 0.4),
    )
    bends = []
    for note in notes:
        start = rng.choice([0, 0, -1, 1]) * rng.uniform(0.3, 2)
        time_s = np.arange(0, note.end - note.start, 0.02)
        slide = start * np.maximum(1 - time_s / slide_s, 0)
        vibrato = depth * np.clip((time_s - onset_s) / 0.3, 0, 1) * np.sin(2 * np.pi * pace * time_s)
        steps = np.round(np.clip((slide + vibrato) / 2, -1, 1) * 8191).astype(int)
        bends += [PitchBend(int(step), note.start + at) for step, at in zip(steps, time_s, strict=True)]
    return bends


def _bars(beat_s: float) -> Iterator[tuple[int, float]]:
    """Number and start of every bar, in seconds."""
    bar_s = 4 * beat_s
    return ((bar, bar * bar_s) for bar in range(int(np.ceil(LENGTH_S / bar_s))))


def _degree(scale: np.ndarray, place: int) -> int:
    """The pitch of a scale degree; degrees continue in the next octave."""
    octave, degree = divmod(int(place), len(scale))
    return int(scale[degree]) + 12 * octave


def _note(loudness: int, pitch: int, start: float, length: float) -> Note:
    return Note(loudness, pitch, start, start + length)
