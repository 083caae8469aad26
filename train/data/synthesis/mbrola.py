"""Singers that nobody recorded: random melodies on random syllables, sung by the diphones of MBROLA's voices.

The corpora have some dozen people who sing; these are some sixty more, each a person's speech cut into diphones. They
sing in every language that has a voice, as low and as high as singers do: what tells a male-like from a female-like
voice where their ranges meet is how it sounds. espeak-ng spells the syllables in the phonemes of a voice.
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
"""Comes last in the order of corpora: whom members of other corpora leave out stays the same with it."""
LICENCE = "random melodies on Debian's MBROLA voices (Faculté Polytechnique de Mons and others), non-commercial use"
VOICE_FOLDER = Path("/usr/share/mbrola")
# Left out are voices of which the packages and espeak-ng say different things, and that lack many diphones for it.
FEMALE = "br2 br4 cz1 de1 de3 de5 de7 es3 fr2 fr4 in2 it2 it4 jp2 jp3 ma1 nl3 pl1 pt1 sw2 tl1 tr2 us1"
MALE = (
    "af1 br1 br3 ca1 ca2 cr1 cz2 de2 de4 de6 ee1 en1 es1 es2 es4 fr1 fr3 fr5 fr6 fr7 gr2 ic1 id1 in1 ir1 it1 it3 jp1 "
    "la1 lt1 lt2 mx1 mx2 nl2 ro1 sw1 tr1 us2 us3 vz1"
)
VOICES = {**dict.fromkeys(FEMALE.split(), "female"), **dict.fromkeys(MALE.split(), "male")}
"""Whose diphones sing, and how they sound."""
MELODIES = 8
"""How many melodies every voice sings."""
COUNT = MELODIES * len(VOICES)

LATIN = ("bdfgklmnprstv", "a e i o u")
SCRIPTS = {
    "gr": ("βδφγκλμνπρστ", "α ε ι ο ου"),
    "in": ("कगतदनपमरलसब", "ा े ि ो ु"),
    "ir": ("بدلمنرسشتک", "ا و ی"),
    "jp": ("かきくけこさしすせそたてとなにぬねのまみむめもやゆよらりるれろわ", ""),
    "tl": ("కగతదనపమరలసబ", "ా ే ి ో ు"),
}
"""Consonants and vowels by the first letters of a voice, where they are not Latin ones."""
RANGES = {"male": (40, 69), "female": (50, 81)}
"""Lowest and highest notes, as MIDI numbers: E2 to A4, D3 to A5."""
SCALES = ((0, 2, 4, 5, 7, 9, 11), (0, 2, 3, 5, 7, 8, 10), (0, 2, 4, 7, 9))
LENGTH_S = 14.0
STEP_MS = 20.0
"""Between two points of a pitch contour."""
MOST_POINTS = 80
"""Of a contour: MBROLA cuts longer lines off."""


@dataclass(frozen=True)
class Phoneme:
    """A phoneme as espeak-ng says it, for so long; `sung` ones, the vowels, carry notes."""

    name: str
    ms: float
    sung: bool


@dataclass(frozen=True)
class SingingStyle:
    """How a singer moves from note to note. Notes are MIDI numbers, times in ms, depths in semitones."""

    beat_ms: float
    glide_ms: float
    vibrato_hz: float
    vibrato: float
    onset_ms: float
    drift: float


def voice_of(number: int) -> tuple[str, str]:
    """The name of whoever sings a melody, and whether that voice is male or female."""
    return list(VOICES.items())[number % len(VOICES)]


def missing_packages(count: int) -> list[str]:
    """The packages that so many melodies are sung with and that are not installed."""
    return _missing(list(VOICES)[:count])


def sing(number: int) -> tuple[np.ndarray, int]:
    """A melody, float32 [n, 1], and its rate in Hz; its number alone decides what is sung, and by whom.

    Raises:
        LayoutError: MBROLA, espeak-ng or the voice is not installed.
    """
    name, kind = voice_of(number)
    _installed(name)
    rng = np.random.default_rng(number)
    sung = "\n".join(mbrola_lines(rng, phonemes(name, random_words(rng, name)), melody(rng, *RANGES[kind])))
    with TemporaryDirectory() as folder:
        made = Path(folder) / "sung.wav"
        _run(["mbrola", "-e", str(VOICE_FOLDER / name / name), "-", str(made)], sung + "\n")
        return soundfile.read(made, dtype="float32", always_2d=True)


def random_words(rng: np.random.Generator, name: str) -> str:
    """Words of two or three random syllables, in letters that a voice's language has; more than it will sing."""
    consonants, vowels = SCRIPTS.get(name[:2], LATIN)
    syllables = [first + second for first in consonants for second in vowels.split() or [""]]
    return " ".join("".join(rng.choice(syllables, rng.integers(2, 4))) for _ in range(40))


def phonemes(name: str, text: str) -> list[Phoneme]:
    """What espeak-ng makes of a text, in the phonemes of a voice; it gives pitch contours of three points to vowels."""
    spelled = _run(["espeak-ng", "-v", f"mb-{name}", "-q", "--pho", text], "")
    lines = [line.split() for line in spelled.splitlines() if line.strip()]
    return [Phoneme(line[0], float(line[1]), len(line) >= 8) for line in lines]


def melody(rng: np.random.Generator, lowest: int, highest: int) -> Iterator[tuple[float, float]]:
    """Notes without end, as MIDI numbers, and their lengths in beats: steps and some leaps on one scale."""
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
    rng: np.random.Generator, spoken: list[Phoneme], notes: Iterator[tuple[float, float]]
) -> Iterator[str]:
    """Lines of MBROLA: phonemes, how long each is in ms, and points of pitch, in percent of it and Hz."""
    manner = draw_style(rng)
    before, spent, total = None, 0.0, 0.0
    for phone in spoken:
        if total > 1000 * LENGTH_S:
            return
        ms, points = min(phone.ms, 120.0), ""
        if phone.name == "_":
            ms = rng.uniform(20, 300)
        elif phone.sung:
            note, beats = next(notes)
            ms = max(beats * manner.beat_ms - spent, 90.0)
            points = _points(rng, manner, ms, note if before is None else before, note)
            before = note
        spent = 0.0 if phone.sung else spent + ms
        total += ms
        yield f"{phone.name} {ms:.0f}{points}"


def draw_style(rng: np.random.Generator) -> SingingStyle:
    """Somebody's."""
    return SingingStyle(
        beat_ms=60_000 / rng.uniform(70, 150),
        glide_ms=rng.uniform(10, 60),
        vibrato_hz=rng.uniform(4.5, 6.8),
        vibrato=rng.choice([0.0, rng.uniform(0.1, 0.8)]),
        onset_ms=rng.uniform(50, 400),
        drift=rng.uniform(0.02, 0.15),
    )


def pitch_contour(
    rng: np.random.Generator, manner: SingingStyle, ms: float, before: float, note: float
) -> tuple[np.ndarray, np.ndarray]:
    """The way from one note to the next: times in ms and the pitch at each in Hz."""
    times = np.arange(0, ms, max(STEP_MS, ms / MOST_POINTS))
    wander = np.cumsum(rng.normal(0, manner.drift / 5, len(times)))
    swell = np.clip((times - manner.onset_ms) / 200, 0, 1)
    shake = manner.vibrato * swell * np.sin(2 * np.pi * manner.vibrato_hz * times / 1000)
    pitch = note + (before - note) * np.exp(-times / manner.glide_ms) + wander + shake
    return times, librosa.midi_to_hz(pitch)


def _points(rng: np.random.Generator, manner: SingingStyle, ms: float, before: float, note: float) -> str:
    points = zip(*pitch_contour(rng, manner, ms, before, note), strict=True)
    return "".join(f" {100 * at / ms:.0f} {hz:.0f}" for at, hz in points)


def _missing(names: list[str]) -> list[str]:
    programs = [program for program in ("mbrola", "espeak-ng") if names and not shutil.which(program)]
    return programs + [f"mbrola-{name}" for name in names if not (VOICE_FOLDER / name / name).exists()]


def _installed(name: str) -> None:
    if packages := _missing([name]):
        raise LayoutError(
            f"{' and '.join(packages)} missing: install Debian's espeak-ng and, from contrib and non-free, mbrola and "
            f"the voices: apt install espeak-ng mbrola {' '.join(f'mbrola-{voice}' for voice in VOICES)}"
        )


def _run(command: list[str], given: str) -> str:
    return subprocess.run(command, input=given, capture_output=True, text=True, check=True).stdout
