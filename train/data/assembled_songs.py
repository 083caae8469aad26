"""Songs with known truth, assembled from the stems of the corpora.

A song is an accompaniment with sections: breaks, and verses in which one or two singers of its cast sing. The label of
every tenth of a second follows from the stems: a singer counts where the stem is audible, and through pauses of at most
`PAUSE_S`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
import soxr
from scipy.ndimage import binary_closing

from gender_audio.systems.labels import SINGING
from train.data.corpus import Source, read_recordings
from train.data.decoding import RATE, read_audio
from train.data.effects import normalise_rms
from train.data.real_snippets import recording_kinds
from train.data.validation import LayoutError

STEP_S = 0.1
"""Time between two labels."""
STEP = round(STEP_S * RATE)
SECTION_S = (4.0, 16.0)
SECTIONS = (5, 10)
"""Number of sections of a song."""
BREAK = 0.25
"""Probability that nobody sings in a section."""
KINDS = {"none": 0.15, "male": 0.25, "female": 0.25, "multiple": 0.35}
"""Kinds of songs with their shares. In three fifths of the sung sections of the last one, both singers sing."""
A_CAPPELLA = 0.15
"""Share of the songs with a voice that have no accompaniment."""
SNR_DB, SECOND_DB = (-3.0, 8.0), (-5.0, 5.0)
"""Level of the voices above the accompaniment, and of the second voice above the first one, as in the protocol."""
AUDIBLE_DB = -35.0
"""A stem is silent below this level, relative to its own 95th percentile."""
SILENT_DB = -100.0
PAUSE_S = 2.0
VOICES = ("male", "female")
PEAK = 0.9


@dataclass(frozen=True, eq=False)
class AssembledSong:
    """A song and its truth.

    Attributes:
        samples: float32 [n] at 16 kHz, peak 0.9.
        labels: number of the label of every `STEP_S`, int [t].
        label: of the whole song: the one voice that is heard, `multiple` or `none`.
        singers: groups of the cast.
    """

    samples: np.ndarray
    labels: np.ndarray
    label: str
    singers: tuple[str, ...]


class SongAssembler:
    """Assembles random songs from the solo singers and accompaniments of some splits.

    Args:
        exclude: singers who do not sing in them.

    Raises:
        LayoutError: there is no singer of a voice, or no accompaniment.
    """

    def __init__(self, data: Path, splits: Container[str], exclude: Container[str] = ()) -> None:
        self.data = data
        self.by_kind: dict[tuple[str, str], dict[str, list[Source]]] = defaultdict(lambda: defaultdict(list))
        for recording in read_recordings(data):
            if recording.split in splits and recording.certain and recording.group not in exclude:
                for kind in recording_kinds(recording):
                    self.by_kind[kind, recording.voice][recording.group].append(recording)
        needed = ("accompaniment", "none"), *(("solo", voice) for voice in VOICES)
        if missing := [" ".join(reversed(kind)) for kind in needed if not self.by_kind[kind]]:
            raise LayoutError(f"Songs cannot be assembled: there is no {' and no '.join(missing)} that is new.")

    def draw(self, rng: np.random.Generator) -> AssembledSong:
        """One random song."""
        singers = self._cast(rng, str(rng.choice(list(KINDS), p=list(KINDS.values()))))
        cast = [recordings[0].voice for _, recordings in singers]
        lengths = np.round(rng.uniform(*SECTION_S, rng.integers(SECTIONS[0], SECTIONS[1] + 1)) / STEP_S).astype(int)
        stems = np.zeros((len(cast), lengths.sum() * STEP), np.float32)
        end = 0
        for length in lengths:
            start, end = end, end + length * STEP
            for number in self._section(rng, len(cast)):
                gain = 10 ** (rng.uniform(*SECOND_DB) / 20) if number else 1.0
                stems[number, start:end] = gain * normalise_rms(self._sound(rng, singers[number][1], end - start))
        groups = self.by_kind["accompaniment", "none"]
        accompaniment = normalise_rms(self._sound(rng, groups[str(rng.choice(sorted(groups)))], stems.shape[1]))
        if stems.any() and rng.random() < A_CAPPELLA:
            accompaniment[:] = 0
        mixture = stems.sum(0) * 10 ** (rng.uniform(*SNR_DB) / 20) + accompaniment
        heard = np.array([audible(stem) for stem in stems]).reshape(len(cast), lengths.sum())
        return AssembledSong(
            (mixture * (PEAK / np.abs(mixture).max())).astype(np.float32),
            frame_labels(heard, cast),
            song_label(heard, cast),
            tuple(group for group, _ in singers),
        )

    def _cast(self, rng: np.random.Generator, kind: str) -> list[tuple[str, list[Source]]]:
        """Group and recordings of each singer of a song of this kind; two of `multiple` may have the same voice."""
        chosen: dict[str, list[Source]] = {}
        for allowed in {"none": (), "multiple": (VOICES, VOICES)}.get(kind, ((kind,),)):
            free = {voice: sorted(set(self.by_kind["solo", voice]) - set(chosen)) for voice in allowed}
            voice = str(rng.choice([voice for voice in allowed if free[voice]]))
            group = free[voice][int(rng.integers(len(free[voice])))]
            chosen[group] = self.by_kind["solo", voice][group]
        return list(chosen.items())

    def _section(self, rng: np.random.Generator, cast: int) -> Sequence[int]:
        """Numbers of the singers of a section."""
        if not cast or rng.random() < BREAK:
            return ()
        return [(0,), (1,), (0, 1), (0, 1), (0, 1)][rng.integers(5)] if cast == 2 else (0,)

    def _sound(self, rng: np.random.Generator, recordings: Sequence[Source], length: int) -> np.ndarray:
        """[length] of random parts of recordings, one after another."""
        parts, missing = [], length
        while missing > 0:
            recording = recordings[int(rng.integers(len(recordings)))]
            part = read_part(self.data / recording.path, rng.random(), missing)
            if np.abs(part).max(initial=0) > 0:
                parts.append(part)
                missing -= len(part)
        return np.concatenate(parts)


def read_part(path: Path, place: float, length: int) -> np.ndarray:
    """At most [length] at 16 kHz from a recording; `place` from 0 to 1 tells where it begins."""
    info = soundfile.info(path)
    wanted = min(info.frames, -(-length * info.samplerate // RATE))
    samples, rate = read_audio(path, int(place * (info.frames - wanted)), wanted)
    part: np.ndarray = soxr.resample(samples.mean(1), rate, RATE)[:length]
    return part


def audible(stem: np.ndarray) -> np.ndarray:
    """Whether a stem [n] is heard in every `STEP_S`, bool [n / STEP]; short pauses are bridged."""
    level_db = 10 * np.log10(np.square(stem.reshape(-1, STEP)).mean(1) + 1e-12)
    sounding = level_db[level_db > SILENT_DB]
    loud = level_db > (np.quantile(sounding, 0.95) + AUDIBLE_DB if len(sounding) else 0.0)
    pause = round(PAUSE_S / STEP_S)
    return np.asarray(binary_closing(np.pad(loud, pause), np.ones(pause + 1))[pause:-pause])


def frame_labels(heard: np.ndarray, cast: Sequence[str]) -> np.ndarray:
    """Label numbers [t] from which singers of the cast are heard, bool [singers, t]."""
    labels = np.full(heard.shape[1], SINGING.labels.index("none"))
    for singer, voice in zip(heard, cast, strict=True):
        labels[singer] = SINGING.labels.index(voice)
    labels[heard.sum(0) > 1] = SINGING.labels.index("multiple")
    return labels


def song_label(heard: np.ndarray, cast: Sequence[str]) -> str:
    """The label of a song from which singers of the cast are heard, bool [singers, t]."""
    present = [voice for singer, voice in zip(heard, cast, strict=True) if singer.any()]
    return present[0] if len(present) == 1 else "multiple" if present else "none"
