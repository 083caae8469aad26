"""Snippets of real recordings: those of the real yardstick, and random ones by the same rules and by those of remixes.

A snippet is three seconds of one recording, or of two at the same RMS and then at a gain: a duet of two solo singers,
or two close microphones of one choir at the same moment. Its peak is 0.8. A random one may also be a remix: one or two
solo singers over an accompaniment.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import chain
from pathlib import Path

import numpy as np
import soundfile
import soxr
import torch
from joblib import Parallel, cpu_count, delayed
from tqdm import tqdm

from gender_audio import separation
from gender_audio.systems.labels import SINGING
from train.data.corpus import Source, groups, read_recordings
from train.data.decoding import RATE, read_audio
from train.data.effects import normalise_rms
from train.data.readers import real_protocol
from train.data.voice_activity import SEPARATOR, has_voice, vocal_power

LENGTH = 48_000
"""Samples of a snippet: three seconds."""
PEAK = 0.8
SHARES = {
    "none": {"instrument": 1.0},
    "male": {"solo": 0.3, "song": 0.35, "remix": 0.35},
    "female": {"solo": 0.3, "song": 0.35, "remix": 0.35},
    "multiple": {"duet": 0.35, "remix": 0.35, "choir": 0.15, "recorded": 0.15},
}
"""Label to the kinds of snippets that are drawn for it, with their shares."""
CONCERTS = ("carnatic", "hindustani", "jingju")
"""Corpora of long concerts by very few singers. With them the combination is worse on the validation rows."""
DUET_DB, ACCOMPANIMENT_DB = (-6.0, 6.0), (-8.0, 3.0)
"""Gains of a second singer and of an accompaniment."""
QUIETEST = 1e-3
"""Windows with a lower RMS are not drawn."""
TRIES = 10
"""Random windows of songs that are tried until one has a voice."""
BLOCK = 100
"""Snippets that one process draws at a time."""


@dataclass(frozen=True, eq=False)
class RealSnippet:
    """One labelled snippet.

    Attributes:
        samples: float32 [48000] at 16 kHz.
        kind: solo, song, ensemble, instrument, duet or remix.
        group: singers and artists with the same group are redrawn together in intervals.
        singers: groups of the recordings, see `Source`.
    """

    samples: np.ndarray
    label: str
    kind: str
    dataset: str
    group: str
    singers: tuple[str, ...]


def load_real(file: Path, data: Path) -> list[RealSnippet]:
    """Render all rows of `real_val.csv` or `real_test.csv` from the corpora below `data`.

    Raises:
        LayoutError, OSError: as `real_protocol.read_rows` and `groups`; or a recording cannot be read.
    """
    rows, snippets = real_protocol.read_rows(file, data), []
    singers = groups(data)
    for row in rows:
        paths = [path for path in (row["path1"], row["path2"]) if path]
        windows = [
            cut(mono(data / path), round(float(row[start]) * RATE))
            for path, start in zip(paths, ("start1_s", "start2_s"), strict=False)
        ]
        names = tuple(singers[path] for path in paths)
        samples = mix(windows, float(row["gain2_db"] or 0))
        snippets.append(RealSnippet(samples, row["label"], row["kind"], row["dataset"], row["group"], names))
    return snippets


@lru_cache(maxsize=64)
def mono(path: Path) -> np.ndarray:
    """A recording as float32 [n] at 16 kHz.

    Raises:
        LayoutError: the recording cannot be read.
    """
    samples, rate = read_audio(path)
    resampled: np.ndarray = soxr.resample(samples.mean(1), rate, RATE)
    return resampled


def cut(samples: np.ndarray, start: int) -> np.ndarray:
    """float32 [48000] from `start`, padded with zeros after the end."""
    part = samples[start : start + LENGTH]
    return np.pad(part, (0, LENGTH - len(part)))


def read_window(path: Path, start_s: float) -> np.ndarray:
    """Three seconds of a recording from `start_s`, float32 [48000] at 16 kHz.

    Raises:
        LayoutError: the recording cannot be read.
    """
    rate = soundfile.info(path).samplerate
    samples, _ = read_audio(path, round(start_s * rate), -(-LENGTH * rate // RATE))
    return cut(soxr.resample(samples.mean(1), rate, RATE), 0)


def mix(windows: Sequence[np.ndarray], gain_db: float) -> np.ndarray:
    """One window, or two at the same RMS with a gain for the second, [48000] each, scaled to the peak."""
    mixture = windows[0]
    if len(windows) == 2:
        mixture = normalise_rms(windows[0]) + normalise_rms(windows[1]) * 10 ** (gain_db / 20)
    return (mixture * (PEAK / (np.abs(mixture).max() + 1e-9))).astype(np.float32)


class RealDrawer:
    """Draws random snippets of the recordings of one split, without those whose voice is a guess or only likely."""

    def __init__(self, data: Path, split: str) -> None:
        self.data = data
        self.separate = separation.load(SEPARATOR)
        self.by_kind: dict[tuple[str, str], dict[str, list[Source]]] = defaultdict(lambda: defaultdict(list))
        for recording in read_recordings(data):
            if recording.split == split and recording.certain:
                for kind in recording_kinds(recording):
                    self.by_kind[kind, recording.voice][recording.group].append(recording)

    def draw(self, rng: np.random.Generator) -> RealSnippet:
        """One random snippet. Labels are equally frequent, and so are the singers of each kind."""
        label = str(rng.choice(SINGING.labels))
        shares = {kind: share for kind, share in SHARES[label].items() if self._possible(kind, label)}
        kind = str(rng.choice(list(shares), p=np.array(list(shares.values())) / sum(shares.values())))
        if kind == "duet":
            return self._duet(rng)
        if kind == "choir":
            return self._choir(rng)
        if kind == "remix":
            return self._remix(rng, label)
        for _ in range(TRIES):
            recording = self._recording(rng, kind, label)
            window = self._window(rng, recording)
            if recording.kind != "song" or label == "none" or has_voice(vocal_power(window, self.separate)):
                break
        names = {"recorded": "ensemble"}
        group = recording.group
        return RealSnippet(mix([window], 0.0), label, names.get(kind, kind), recording.dataset, group, (group,))

    def _possible(self, kind: str, label: str) -> bool:
        if kind == "remix" and not self.by_kind["accompaniment", "none"]:
            return False
        if kind == "duet" or (kind, label) == ("remix", "multiple"):
            return len(self.by_kind["solo", "male"] | self.by_kind["solo", "female"]) > 1
        if kind == "remix":
            return self._possible("solo", label)
        if kind == "choir":
            return len(self._choir_singers()) > 1
        return bool(self.by_kind[kind, label])

    def _recording(self, rng: np.random.Generator, kind: str, voice: str) -> Source:
        by_group = self.by_kind[kind, voice]
        names = sorted(by_group)
        recordings = by_group[names[rng.integers(len(names))]]
        return recordings[rng.integers(len(recordings))]

    def _window(self, rng: np.random.Generator, recording: Source) -> np.ndarray:
        """A random window that is not silent, if ten of them are not all silent."""
        path = self.data / recording.path
        last_s = max(0.0, soundfile.info(path).duration - LENGTH / RATE)
        for _ in range(TRIES):
            window = read_window(path, rng.uniform(0, last_s))
            if np.sqrt(np.mean(np.square(window))) > QUIETEST:
                break
        return window

    def _duet(self, rng: np.random.Generator) -> RealSnippet:
        """Two solo singers, half of the time of the same voice."""
        first = self._recording(rng, "solo", str(rng.choice(["male", "female"])))
        while True:
            second = self._recording(rng, "solo", str(rng.choice(["male", "female"])))
            if second.group != first.group:
                break
        samples = mix([self._window(rng, one) for one in (first, second)], rng.uniform(*DUET_DB))
        singers = (first.group, second.group)
        return RealSnippet(samples, "multiple", "duet", f"{first.dataset}+{second.dataset}", first.group, singers)

    def _remix(self, rng: np.random.Generator, label: str) -> RealSnippet:
        """One or two solo singers over an accompaniment."""
        if label == "multiple":
            sung = self._duet(rng)
        else:
            singer = self._recording(rng, "solo", label)
            samples = mix([self._window(rng, singer)], 0.0)
            sung = RealSnippet(samples, label, "remix", singer.dataset, singer.group, (singer.group,))
        accompaniment = self._window(rng, self._recording(rng, "accompaniment", "none"))
        return replace(sung, samples=mix([sung.samples, accompaniment], rng.uniform(*ACCOMPANIMENT_DB)), kind="remix")

    def _choir_singers(self) -> list[Source]:
        return [recordings[0] for voice in ("male", "female") for recordings in self.by_kind["choir", voice].values()]

    def _choir(self, rng: np.random.Generator) -> RealSnippet:
        """Two singers of one choir at the same moment."""
        singers = self._choir_singers()
        first, second = (singers[number] for number in rng.choice(len(singers), 2, replace=False))
        paths = [self.data / one.path for one in (first, second)]
        last_s = max(0.0, min(soundfile.info(path).duration for path in paths) - LENGTH / RATE)
        start_s = rng.uniform(0, last_s)
        samples = mix([read_window(path, start_s) for path in paths], rng.uniform(*DUET_DB))
        return RealSnippet(samples, "multiple", "ensemble", first.dataset, first.group, (first.group, second.group))


def draw_real(data: Path, split: str, count: int, seed: int) -> list[RealSnippet]:
    """`count` random snippets of one split; each depends on the seed and its number alone."""
    blocks = [range(start, min(start + BLOCK, count)) for start in range(0, count, BLOCK)]
    drawn = Parallel(cpu_count(), return_as="generator")(
        delayed(_draw_block)(data, split, seed, block) for block in blocks
    )
    return list(chain.from_iterable(tqdm(drawn, total=len(blocks), desc="draw", unit="block")))


def _draw_block(data: Path, split: str, seed: int, numbers: range) -> list[RealSnippet]:
    torch.set_num_threads(1)
    drawer = RealDrawer(data, split)
    return [drawer.draw(np.random.default_rng((seed, number))) for number in numbers]


def recording_kinds(recording: Source) -> list[str]:
    """The kinds of snippets that a recording can be drawn for; none for speech and for concerts."""
    if recording.kind == "speech" or (recording.kind == "song" and recording.dataset in CONCERTS):
        return []
    if recording.voice == "none":
        return ["instrument", *(["accompaniment"] if recording.kind == "accompaniment" else [])]
    if recording.voice == "multiple":
        return ["recorded"]
    if recording.dataset == "choral":
        return ["choir"]
    return ["song"] if recording.kind == "song" else ["solo"]
