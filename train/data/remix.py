"""Remixes: any voice over any accompaniment, drawn at random or read from the fixed protocol.

The protocol (`remix_test.csv`, `remix_val.csv`) defines the arithmetic: every source is cut to three seconds and scaled
to unit RMS; a second voice or accompaniment is added at a gain and the sum scaled to unit RMS again; the voice stands
`snr_db` above the accompaniment; the snippet is peak-scaled to 0.9.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from gender_audio.systems.labels import SINGING
from train.data import effects
from train.data.decoding import read_mono
from train.data.effects import coloured_noise, normalise_rms
from train.data.library import Library, Take
from train.data.readers import protocol as fixed
from train.data.remix_config import RemixConfig
from train.data.synthesis import midi

LENGTH = 48_000
"""Samples of a remix: three seconds."""
MAX_VOICES = 4
MAX_OFFSET = 640
"""Samples that voices in harmony may be apart: 40 ms."""
CORPUS_WEIGHTS = {"mir1k": 6.0, midi.DATASET: 6.0}
"""How often accompaniments are taken from a corpus; 1 from any other."""


@dataclass(frozen=True, eq=False)
class Remix:
    """One labelled snippet. `vocals` and `accompaniment` are float32 [48000]; their sum is the mixture.

    `kind` is sung, spoken, one of both with " a cappella", or instrumental. `singers` names the singers, the first one
    first. `backing` names the song of the first accompaniment of a protocol row, `accompaniment_paths` all files.
    """

    vocals: np.ndarray
    accompaniment: np.ndarray
    label: str
    kind: str
    singers: tuple[str, ...] = ()
    backing: str = ""
    accompaniment_paths: tuple[str, ...] = ()

    @property
    def group(self) -> str:
        """The first singer of a protocol row, or its first accompaniment where nobody sings."""
        return self.singers[0] if self.singers else self.backing

    @property
    def mixture(self) -> np.ndarray:
        """float32 [48000], peak 0.9."""
        return self.vocals + self.accompaniment


def layer(first: np.ndarray, second: np.ndarray | None, gain_db: float) -> np.ndarray:
    """The first source, with the second one added at a gain, at unit RMS."""
    return (
        normalise_rms(first)
        if second is None
        else normalise_rms(normalise_rms(first) + normalise_rms(second) * 10 ** (gain_db / 20))
    )


def mix(voice: np.ndarray | None, accompaniment: np.ndarray | None, snr_db: float, label: str, kind: str) -> Remix:
    """Two layers at unit RMS to one remix."""
    silence = np.zeros(LENGTH, np.float32)
    vocals = silence if voice is None else voice * np.float32(10 ** (snr_db / 20))
    rest = silence if accompaniment is None else accompaniment
    return normalise_peak(Remix(vocals, rest, label, kind))


def normalise_peak(remix: Remix) -> Remix:
    """The same with a peak of 0.9."""
    scale = np.float32(0.9 / (np.abs(remix.mixture).max() + 1e-9))
    return replace(
        remix,
        vocals=(remix.vocals * scale).astype(np.float32),
        accompaniment=(remix.accompaniment * scale).astype(np.float32),
    )


def load_protocol(file: Path, data: Path) -> list[Remix]:
    """Every row of `remix_test.csv` or `remix_val.csv`, rendered from the corpora under `data`.

    Raises:
        LayoutError, OSError: as `protocol.read_rows`; or a recording cannot be read or is too short.
    """
    return [render_row(row, data) for row in fixed.read_rows(file, data)]


def render_row(row: Mapping[str, str], data: Path) -> Remix:
    """One row of the protocol."""

    def cut(name: str) -> np.ndarray | None:
        if not row[name]:
            return None
        samples = read_mono(data / row[name], int(row[f"{name}_at"]), LENGTH)
        return np.pad(samples, (0, LENGTH - len(samples)))

    first, backing = cut("voice1"), cut("acc1")
    voice = None if first is None else layer(first, cut("voice2"), float(row["gain2_db"] or 0))
    rest = None if backing is None else layer(backing, cut("acc2"), float(row["acc2_gain_db"] or 0))
    remix = mix(voice, rest, float(row["snr_db"] or 0), row["label"], row["kind"])
    paths = tuple(row[name] for name in ("acc1", "acc2") if row[name])
    return replace(
        remix, singers=tuple(row["singers"].split()), backing=row["acc1"].rsplit("_", 1)[0], accompaniment_paths=paths
    )


class Remixer:
    """Draws random remixes from a library; `rng` alone decides which."""

    def __init__(self, library: Library, odds: RemixConfig = RemixConfig()) -> None:
        self.library = library
        self.odds = odds
        self._shelves: dict[tuple[str, ...], list[Take]] = defaultdict(list)
        for take in library.takes:
            source = take.source
            self._shelves[("path", source.path)].append(take)
            for voice in (source.voice, "any"):
                self._shelves[(source.kind, voice, source.dataset, source.singer_id)].append(take)
        self._singers: dict[tuple[str, str], dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
        for kind, voice, dataset, singer in (key for key in self._shelves if key[0] != "path"):
            self._singers[kind, voice][dataset].append(singer)
        self._audible: dict[Take, np.ndarray] = {}

    def draw(self, rng: np.random.Generator, label: str | None = None) -> Remix:
        """One remix, of the given label or of any."""
        label = label or str(rng.choice(SINGING.labels))
        odds = self.odds
        if label == "none":
            if rng.random() < odds.noise_only:
                return self._empty(rng)
            return self._finish(rng, [], self._accompaniment(rng), label, "instrumental")
        spoken = rng.random() < odds.spoken
        kind = "spoken" if spoken else "sung"
        take, start = self._voice(rng, "speech" if spoken else "singing", "any" if label == "multiple" else label)
        voices = [(take.source.singer_id, self._heard(rng, take, start))]
        if label == "multiple":
            voices += self._others(rng, take, start)
        alone = rng.random() < odds.a_cappella
        backing = None if alone else self._accompaniment(rng, take, start)
        sounds = [samples for _, samples in voices]
        remix = self._finish(rng, sounds, backing, label, f"{kind} a cappella" if alone else kind)
        return replace(remix, singers=tuple(dict.fromkeys(singer for singer, _ in voices)))

    def _finish(
        self,
        rng: np.random.Generator,
        voices: list[np.ndarray],
        accompaniment: np.ndarray | None,
        label: str,
        kind: str,
    ) -> Remix:
        odds, voice = self.odds, None
        for other in voices:
            voice = layer(other, voice, rng.uniform(*odds.second_voice_db))
        if rng.random() < odds.noise:
            hiss = coloured_noise(rng, LENGTH) * np.float32(10 ** (rng.uniform(-60, -25) / 20))
            accompaniment = hiss if accompaniment is None else accompaniment + hiss
        remix = mix(voice, accompaniment, rng.uniform(*odds.snr_db), label, kind)
        if rng.random() < odds.compression:
            gain = effects.compression_gain(rng, remix.mixture)
            remix = normalise_peak(replace(remix, vocals=remix.vocals * gain, accompaniment=remix.accompaniment * gain))
        if rng.random() < odds.codec:
            remix = replace(remix, accompaniment=effects.codec(rng, remix.mixture) - remix.vocals)
        return remix

    def _empty(self, rng: np.random.Generator) -> Remix:
        level = np.float32(0 if rng.random() < 0.3 else 10 ** (rng.uniform(-90, 0) / 20))
        return Remix(
            np.zeros(LENGTH, np.float32), coloured_noise(rng, LENGTH) * level * np.float32(0.2), "none", "instrumental"
        )

    def _heard(self, rng: np.random.Generator, take: Take, start: int, beside: bool = False) -> np.ndarray:
        """A voice, or one `beside` it in harmony, maybe with another throat, behind a filter and in a room."""
        odds, samples = self.odds, self.library.cut(take, start, LENGTH)
        if beside:
            samples = effects.harmony(rng, samples)
        own = (
            (odds.pitch_shift, effects.pitch_shift),
            (odds.formant_shift, effects.formant_shift),
            (odds.operatic, effects.operatic),
        )
        return self._placed(rng, _changed(rng, samples, own))

    def _placed(self, rng: np.random.Generator, samples: np.ndarray) -> np.ndarray:
        """A stem, maybe behind a filter, with echoes and in a room."""
        odds = self.odds
        around = ((odds.random_eq, effects.random_eq), (odds.delay, effects.delay), (odds.reverb, effects.reverb))
        return _changed(rng, samples, around)

    def _others(self, rng: np.random.Generator, take: Take, start: int) -> list[tuple[str, np.ndarray]]:
        """Whoever sounds beside the singer of a take, with their names: one other voice, or up to three."""
        others: list[tuple[str, np.ndarray]] = []
        in_harmony = take.source.kind == "singing" and rng.random() < self.odds.harmony
        for number in range(1, MAX_VOICES):
            if number == 1 or rng.random() < self.odds.extra_voice:
                late = int(rng.integers(-MAX_OFFSET, MAX_OFFSET + 1))
                other, at = (take, max(0, start + late)) if in_harmony else self._other(rng, take, start)
                others.append((other.source.singer_id, self._heard(rng, other, at, beside=in_harmony)))
        return others

    def _voice(self, rng: np.random.Generator, kind: str, voice: str, not_by: str = "") -> tuple[Take, int]:
        datasets = self._singers[kind, voice]
        names = list(datasets)
        weights = np.array([1.0 if kind == "singing" else len(datasets[name]) ** 0.5 for name in names])
        while True:
            dataset = names[rng.choice(len(names), p=weights / weights.sum())]
            singer = datasets[dataset][rng.integers(len(datasets[dataset]))]
            if singer != not_by:
                shelf = self._shelves[kind, voice, dataset, singer]
                take = shelf[rng.integers(len(shelf))]
                return take, self._start(rng, take)

    def _other(self, rng: np.random.Generator, take: Take, start: int) -> tuple[Take, int]:
        source = take.source
        others = self._singers[source.kind, "any"][source.dataset]
        if source.dataset == "choral" and rng.random() < self.odds.same_recording and len(others) > 1:
            while (singer := others[rng.integers(len(others))]) == source.singer_id:
                pass
            same_speed = [
                other
                for other in self._shelves[source.kind, "any", source.dataset, singer]
                if other.speed == take.speed and other.length >= start + LENGTH
            ]
            if same_speed:
                return same_speed[0], start
        return self._voice(rng, source.kind, "any", not_by=source.singer_id)

    def _accompaniment(self, rng: np.random.Generator, take: Take | None = None, start: int = 0) -> np.ndarray:
        if take and take.source.dataset == "mir1k" and rng.random() < self.odds.same_recording / 2:
            own = take.source.path.replace("voice/", "accompaniment/")
            for backing in self._shelves["path", own]:
                at = round(start * take.speed / backing.speed)
                if backing.speed == 1.0 and at < backing.length - LENGTH // 4:
                    return normalise_rms(self._placed(rng, self.library.cut(backing, at, LENGTH)))
        first = self._backing(rng)
        second = self._backing(rng) if rng.random() < self.odds.second_accompaniment else None
        return layer(first, second, rng.uniform(*self.odds.second_accompaniment_db))

    def _backing(self, rng: np.random.Generator) -> np.ndarray:
        datasets = self._singers["accompaniment", "none"]
        names = list(datasets)
        weights = np.array([CORPUS_WEIGHTS.get(name, 1.0) for name in names])
        name = names[rng.choice(len(names), p=weights / weights.sum())]
        shelf = self._shelves["accompaniment", "none", name, datasets[name][0]]
        take = shelf[rng.integers(len(shelf))]
        return self._placed(rng, self.library.cut(take, self._start(rng, take), LENGTH))

    def _start(self, rng: np.random.Generator, take: Take) -> int:
        """A start whose three seconds are audible for at least half of the time."""
        if take not in self._audible:
            frames = self.library.cut(take, 0, take.length)[: take.length // 1600 * 1600].reshape(-1, 1600)
            power = np.mean(np.square(frames), 1)
            audible = np.cumsum(np.concatenate([[0], power > 1e-3 * np.quantile(power, 0.95)]))
            ends = np.minimum(np.arange(len(power)) + LENGTH // 1600, len(power))
            share = (audible[ends] - audible[:-1]) / (LENGTH // 1600)
            fits = np.arange(len(power)) <= max(0, len(power) - LENGTH // 1600)
            enough = np.flatnonzero(fits & (share >= 0.5))
            self._audible[take] = enough if len(enough) else np.flatnonzero(fits & (share == share[fits].max()))
        starts = self._audible[take]
        return int(starts[rng.integers(len(starts))]) * 1600


def _changed(
    rng: np.random.Generator,
    samples: np.ndarray,
    changes: Iterable[tuple[float, Callable[[np.random.Generator, np.ndarray], np.ndarray]]],
) -> np.ndarray:
    """The samples after each of the changes, in order, that its share lets happen."""
    for share, change in changes:
        if rng.random() < share:
            samples = change(rng, samples)
    return samples
