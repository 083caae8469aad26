"""Synthesised singers: random melodies on random syllables, sung by MBROLA's diphone voices.

The corpora have about twelve singers. MBROLA adds about sixty, each made from the speech of one person. They sing in
many languages, and their ranges overlap, so that a network cannot rely on pitch alone. espeak-ng converts the syllables
to the phonemes of a voice.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import librosa
import numpy as np
import soundfile

from train.data.validation import LayoutError

DATASET = "synthesised"
"""The name sorts after those of the other corpora, so the folds of their singers do not depend on this one."""
LICENCE = "random melodies on Debian's MBROLA voices (Faculté Polytechnique de Mons and others), non-commercial use"
VOICE_FOLDER = Path("/usr/share/mbrola")
# Voices are excluded if their package and espeak-ng disagree, or if they lack many diphones.
FEMALE = "br2 br4 cz1 de1 de3 de5 de7 es3 fr2 fr4 in2 it2 it4 jp2 jp3 ma1 nl3 pl1 pt1 sw2 tl1 tr2 us1"
MALE = (
    "af1 br1 br3 ca1 ca2 cr1 cz2 de2 de4 de6 ee1 en1 es1 es2 es4 fr1 fr3 fr5 fr6 fr7 gr2 ic1 id1 in1 ir1 it1 it3 jp1 "
    "la1 lt1 lt2 mx1 mx2 nl2 ro1 sw1 tr1 us2 us3 vz1"
)
VOICES = {**dict.fromkeys(FEMALE.split(), "female"), **dict.fromkeys(MALE.split(), "male")}
"""Voice to label."""
MELODIES = 8
"""Melodies of each voice."""
COUNT = MELODIES * len(VOICES)

LATIN = ("bdfgklmnprstv", "a e i o u")
SCRIPTS = {
    "gr": ("βδφγκλμνπρστ", "α ε ι ο ου"),
    "in": ("कगतदनपमरलसब", "ा े ि ो ु"),
    "ir": ("بدلمنرسشتک", "ا و ی"),
    "jp": ("かきくけこさしすせそたてとなにぬねのまみむめもやゆよらりるれろわ", ""),
    "tl": ("కగతదనపమరలసబ", "ా ే ి ో ు"),
}
"""Consonants and vowels by language code, if the script is not Latin."""
RANGES = {"male": (40, 69), "female": (50, 81)}
"""Lowest and highest MIDI notes: E2 to A4, D3 to A5."""
SCALES = ((0, 2, 4, 5, 7, 9, 11), (0, 2, 3, 5, 7, 8, 10), (0, 2, 4, 7, 9))
LENGTH_S = 14.0
STEP_MS = 20.0
"""Distance between two points of a pitch contour."""
MAX_POINTS = 80
"""Points of a contour. MBROLA truncates longer lines."""


@dataclass(frozen=True)
class Phoneme:
    """A phoneme of espeak-ng and its duration. Notes are put on those with `is_vowel`."""

    name: str
    ms: float
    is_vowel: bool


@dataclass(frozen=True)
class SingingStyle:
    """How a singer moves from note to note. Times are in ms, depths in semitones."""

    beat_ms: float
    glide_ms: float
    vibrato_hz: float
    vibrato: float
    onset_ms: float
    drift: float


def voice_of(number: int) -> tuple[str, str]:
    """The voice of a melody, and its label: male or female."""
    return list(VOICES.items())[number % len(VOICES)]


def missing_packages(count: int) -> list[str]:
    """The packages that are needed for this number of melodies and are not installed."""
    return _missing(list(VOICES)[:count])


def sing(number: int) -> tuple[np.ndarray, int]:
    """A sung melody, float32 [n, 1], and its rate in Hz. The number selects voice, words and melody.

    Raises:
        LayoutError: MBROLA, espeak-ng or the voice is not installed.
    """
    name, kind = voice_of(number)
    _require_installed(name)
    rng = np.random.default_rng(number)
    script = "\n".join(mbrola_lines(rng, phonemes(name, random_words(rng, name)), melody(rng, *RANGES[kind])))
    with TemporaryDirectory() as folder:
        output = Path(folder) / "sung.wav"
        _run(["mbrola", "-e", str(VOICE_FOLDER / name / name), "-", str(output)], script + "\n")
        return soundfile.read(output, dtype="float32", always_2d=True)


def random_words(rng: np.random.Generator, name: str) -> str:
    """Forty words of two or three random syllables in the script of a voice's language."""
    consonants, vowels = SCRIPTS.get(name[:2], LATIN)
    syllables = [first + second for first in consonants for second in vowels.split() or [""]]
    return " ".join("".join(rng.choice(syllables, rng.integers(2, 4))) for _ in range(40))


def phonemes(name: str, text: str) -> list[Phoneme]:
    """The phonemes of a text in the alphabet of a voice. espeak-ng gives vowels a pitch contour of three points."""
    output = _run(["espeak-ng", "-v", f"mb-{name}", "-q", "--pho", text], "")
    lines = [line.split() for line in output.splitlines() if line.strip()]
    return [Phoneme(line[0], float(line[1]), len(line) >= 8) for line in lines]


def melody(rng: np.random.Generator, lowest: int, highest: int) -> Iterator[tuple[float, float]]:
    """An endless random melody on one scale: MIDI notes and their lengths in beats."""
    scale = np.array(SCALES[rng.integers(len(SCALES))])
    notes = np.concatenate([scale + 12 * octave for octave in range(11)]) + rng.integers(12) + rng.uniform(-0.5, 0.5)
    centre = np.clip(rng.normal((lowest + highest) / 2, 4), lowest + 3, highest - 3)
    notes = notes[(notes > max(lowest, centre - 8)) & (notes < min(highest, centre + 8))]
    place = int(np.abs(notes - centre).argmin())
    while True:
        yield float(notes[place]), float(rng.choice([0.5, 1.0, 1.5, 2.0, 4.0], p=[0.35, 0.35, 0.1, 0.15, 0.05]))
        step = int(rng.choice([-4, -2, -1, 0, 1, 2, 4], p=[0.05, 0.12, 0.26, 0.14, 0.26, 0.12, 0.05]))
        place = int(np.clip(place + step, 0, len(notes) - 1))


def mbrola_lines(
    rng: np.random.Generator, phonemes: list[Phoneme], notes: Iterator[tuple[float, float]]
) -> Iterator[str]:
    """Input lines of MBROLA: phoneme, duration in ms, and pitch points, in percent of the duration and Hz."""
    style = draw_style(rng)
    previous, spent, total = None, 0.0, 0.0
    for phoneme in phonemes:
        if total > 1000 * LENGTH_S:
            return
        ms, points = min(phoneme.ms, 120.0), ""
        if phoneme.name == "_":
            ms = rng.uniform(20, 300)
        elif phoneme.is_vowel:
            note, beats = next(notes)
            ms = max(beats * style.beat_ms - spent, 90.0)
            points = _points(rng, style, ms, note if previous is None else previous, note)
            previous = note
        spent = 0.0 if phoneme.is_vowel else spent + ms
        total += ms
        yield f"{phoneme.name} {ms:.0f}{points}"


def draw_style(rng: np.random.Generator) -> SingingStyle:
    """Draw a random singing style."""
    return SingingStyle(
        beat_ms=60_000 / rng.uniform(70, 150),
        glide_ms=rng.uniform(10, 60),
        vibrato_hz=rng.uniform(4.5, 6.8),
        vibrato=rng.choice([0.0, rng.uniform(0.1, 0.8)]),
        onset_ms=rng.uniform(50, 400),
        drift=rng.uniform(0.02, 0.15),
    )


def pitch_contour(
    rng: np.random.Generator, style: SingingStyle, ms: float, previous: float, note: float
) -> tuple[np.ndarray, np.ndarray]:
    """Pitch contour from one note to the next: times in ms, and the pitch at each in Hz."""
    times = np.arange(0, ms, max(STEP_MS, ms / MAX_POINTS))
    wander = np.cumsum(rng.normal(0, style.drift / 5, len(times)))
    swell = np.clip((times - style.onset_ms) / 200, 0, 1)
    shake = style.vibrato * swell * np.sin(2 * np.pi * style.vibrato_hz * times / 1000)
    pitch = note + (previous - note) * np.exp(-times / style.glide_ms) + wander + shake
    return times, librosa.midi_to_hz(pitch)


def _points(rng: np.random.Generator, style: SingingStyle, ms: float, previous: float, note: float) -> str:
    points = zip(*pitch_contour(rng, style, ms, previous, note), strict=True)
    return "".join(f" {100 * at / ms:.0f} {hz:.0f}" for at, hz in points)


def _missing(names: list[str]) -> list[str]:
    programs = [program for program in ("mbrola", "espeak-ng") if names and not shutil.which(program)]
    return programs + [f"mbrola-{name}" for name in names if not (VOICE_FOLDER / name / name).exists()]


def _require_installed(name: str) -> None:
    if packages := _missing([name]):
        raise LayoutError(
            f"{' and '.join(packages)} missing: on Debian with the components contrib and non-free, run "
            f"apt install espeak-ng mbrola {' '.join(f'mbrola-{voice}' for voice in VOICES)}"
        )


def _run(command: list[str], stdin: str) -> str:
    return subprocess.run(command, input=stdin, capture_output=True, text=True, check=True).stdout
