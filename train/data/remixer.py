"""Draws random remixes: any voice over any accompaniment, with random effects."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import replace

import numpy as np

from gender_audio.systems.labels import SINGING
from train.data import effects
from train.data.effects import coloured_noise, normalise_rms
from train.data.library import Library, Take
from train.data.remix import LENGTH, Remix, layer, mix, normalise_peak
from train.data.remix_config import RemixConfig
from train.data.synthesis import midi

MAX_VOICES = 4
FRAME = 1_600
"""Samples over which the level of a take is measured: 100 ms."""
MAX_OFFSET = 640
"""Largest offset between voices in harmony, in samples: 40 ms."""
CORPUS_WEIGHTS = {"mir1k": 6.0, midi.DATASET: 6.0}
"""How often accompaniments are drawn from a corpus; 1 from any other."""


class Remixer:
    """Draws random remixes from a library. The random generator alone decides which."""

    def __init__(self, library: Library, config: RemixConfig = RemixConfig()) -> None:
        self.library = library
        self.config = config
        self._takes: dict[tuple[str, ...], list[Take]] = defaultdict(list)
        for take in library.takes:
            source = take.source
            self._takes[("path", source.path)].append(take)
            for voice in (source.voice, "any"):
                self._takes[(source.kind, voice, source.dataset, source.singer_id)].append(take)
        self._singers: dict[tuple[str, str], dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
        for kind, voice, dataset, singer in (key for key in self._takes if key[0] != "path"):
            self._singers[kind, voice][dataset].append(singer)
        self._audible: dict[Take, np.ndarray] = {}

    def draw(self, rng: np.random.Generator, label: str | None = None) -> Remix:
        """One remix, of the given label or of any."""
        label = label or str(rng.choice(SINGING.labels))
        config = self.config
        if label == "none":
            if rng.random() < config.noise_only:
                return self._noise_only(rng)
            return self._mix(rng, [], self._draw_accompaniment(rng), label, "instrumental")
        spoken = rng.random() < config.spoken
        kind = "spoken" if spoken else "sung"
        take, start = self._draw_voice(rng, "speech" if spoken else "singing", "any" if label == "multiple" else label)
        voices = [(take.source.singer_id, self._cut_voice(rng, take, start))]
        if label == "multiple":
            voices += self._draw_others(rng, take, start)
        a_cappella = rng.random() < config.a_cappella
        accompaniment = None if a_cappella else self._draw_accompaniment(rng, take, start)
        sounds = [samples for _, samples in voices]
        remix = self._mix(rng, sounds, accompaniment, label, f"{kind} a cappella" if a_cappella else kind)
        return replace(remix, singers=tuple(dict.fromkeys(singer for singer, _ in voices)))

    def _mix(
        self,
        rng: np.random.Generator,
        voices: list[np.ndarray],
        accompaniment: np.ndarray | None,
        label: str,
        kind: str,
    ) -> Remix:
        config, voice = self.config, None
        for other in voices:
            voice = layer(other, voice, rng.uniform(*config.second_voice_db))
        if rng.random() < config.noise:
            noise = coloured_noise(rng, LENGTH) * np.float32(10 ** (rng.uniform(-60, -25) / 20))
            accompaniment = noise if accompaniment is None else accompaniment + noise
        remix = mix(voice, accompaniment, rng.uniform(*config.snr_db), label, kind)
        if rng.random() < config.compression:
            gain = effects.compression_gain(rng, remix.mixture)
            remix = normalise_peak(replace(remix, vocals=remix.vocals * gain, accompaniment=remix.accompaniment * gain))
        if rng.random() < config.codec:
            remix = replace(remix, accompaniment=effects.codec(rng, remix.mixture) - remix.vocals)
        return remix

    def _noise_only(self, rng: np.random.Generator) -> Remix:
        level = np.float32(0 if rng.random() < 0.3 else 10 ** (rng.uniform(-90, 0) / 20))
        return Remix(
            np.zeros(LENGTH, np.float32), coloured_noise(rng, LENGTH) * level * np.float32(0.2), "none", "instrumental"
        )

    def _cut_voice(self, rng: np.random.Generator, take: Take, start: int, as_harmony: bool = False) -> np.ndarray:
        """Three seconds of a voice with random effects; with `as_harmony`, a second voice in harmony with it."""
        config, samples = self.config, self.library.cut(take, start, LENGTH)
        if as_harmony:
            samples = effects.harmony(rng, samples)
        voice_effects = (
            (config.pitch_shift, effects.pitch_shift),
            (config.formant_shift, effects.formant_shift),
            (config.operatic, effects.operatic),
        )
        return self._apply_stem_effects(rng, _apply_randomly(rng, samples, voice_effects))

    def _apply_stem_effects(self, rng: np.random.Generator, samples: np.ndarray) -> np.ndarray:
        """A stem with random equaliser, delay and reverb."""
        config = self.config
        stem_effects = (
            (config.random_eq, effects.random_eq),
            (config.delay, effects.delay),
            (config.reverb, effects.reverb),
        )
        return _apply_randomly(rng, samples, stem_effects)

    def _draw_others(self, rng: np.random.Generator, take: Take, start: int) -> list[tuple[str, np.ndarray]]:
        """Singers and samples of the voices that join that of a take: one to three."""
        others: list[tuple[str, np.ndarray]] = []
        in_harmony = take.source.kind == "singing" and rng.random() < self.config.harmony
        for number in range(1, MAX_VOICES):
            if number == 1 or rng.random() < self.config.extra_voice:
                offset = int(rng.integers(-MAX_OFFSET, MAX_OFFSET + 1))
                other, at = (take, max(0, start + offset)) if in_harmony else self._draw_other(rng, take, start)
                others.append((other.source.singer_id, self._cut_voice(rng, other, at, as_harmony=in_harmony)))
        return others

    def _draw_voice(self, rng: np.random.Generator, kind: str, voice: str, other_than: str = "") -> tuple[Take, int]:
        datasets = self._singers[kind, voice]
        names = list(datasets)
        weights = np.array([1.0 if kind == "singing" else len(datasets[name]) ** 0.5 for name in names])
        while True:
            dataset = names[rng.choice(len(names), p=weights / weights.sum())]
            singer = datasets[dataset][rng.integers(len(datasets[dataset]))]
            if singer != other_than:
                takes = self._takes[kind, voice, dataset, singer]
                take = takes[rng.integers(len(takes))]
                return take, self._draw_start(rng, take)

    def _draw_other(self, rng: np.random.Generator, take: Take, start: int) -> tuple[Take, int]:
        source = take.source
        others = self._singers[source.kind, "any"][source.dataset]
        if source.dataset == "choral" and rng.random() < self.config.same_recording and len(others) > 1:
            while (singer := others[rng.integers(len(others))]) == source.singer_id:
                pass
            same_speed = [
                other
                for other in self._takes[source.kind, "any", source.dataset, singer]
                if other.speed == take.speed and other.length >= start + LENGTH
            ]
            if same_speed:
                return same_speed[0], start
        return self._draw_voice(rng, source.kind, "any", other_than=source.singer_id)

    def _draw_accompaniment(self, rng: np.random.Generator, take: Take | None = None, start: int = 0) -> np.ndarray:
        if take and take.source.dataset == "mir1k" and rng.random() < self.config.same_recording / 2:
            path = take.source.path.replace("voice/", "accompaniment/")
            for backing in self._takes["path", path]:
                at = round(start * take.speed / backing.speed)
                if backing.speed == 1.0 and at < backing.length - LENGTH // 4:
                    return normalise_rms(self._apply_stem_effects(rng, self.library.cut(backing, at, LENGTH)))
        first = self._draw_backing(rng)
        second = self._draw_backing(rng) if rng.random() < self.config.second_accompaniment else None
        return layer(first, second, rng.uniform(*self.config.second_accompaniment_db))

    def _draw_backing(self, rng: np.random.Generator) -> np.ndarray:
        datasets = self._singers["accompaniment", "none"]
        names = list(datasets)
        weights = np.array([CORPUS_WEIGHTS.get(name, 1.0) for name in names])
        name = names[rng.choice(len(names), p=weights / weights.sum())]
        takes = self._takes["accompaniment", "none", name, datasets[name][0]]
        take = takes[rng.integers(len(takes))]
        return self._apply_stem_effects(rng, self.library.cut(take, self._draw_start(rng, take), LENGTH))

    def _draw_start(self, rng: np.random.Generator, take: Take) -> int:
        """A start in samples. At least half of the three seconds from there are audible, if the take allows it."""
        if take not in self._audible:
            frames = self.library.cut(take, 0, take.length)[: take.length // FRAME * FRAME].reshape(-1, FRAME)
            power = np.mean(np.square(frames), 1)
            audible = np.cumsum(np.concatenate([[0], power > 1e-3 * np.quantile(power, 0.95)]))
            ends = np.minimum(np.arange(len(power)) + LENGTH // FRAME, len(power))
            share = (audible[ends] - audible[:-1]) / (LENGTH // FRAME)
            fits = np.arange(len(power)) <= max(0, len(power) - LENGTH // FRAME)
            enough = np.flatnonzero(fits & (share >= 0.5))
            self._audible[take] = enough if len(enough) else np.flatnonzero(fits & (share == share[fits].max()))
        starts = self._audible[take]
        return int(starts[rng.integers(len(starts))]) * FRAME


def _apply_randomly(
    rng: np.random.Generator,
    samples: np.ndarray,
    effects_with_probability: Iterable[tuple[float, Callable[[np.random.Generator, np.ndarray], np.ndarray]]],
) -> np.ndarray:
    """Apply each effect with its probability, in order."""
    for probability, effect in effects_with_probability:
        if rng.random() < probability:
            samples = effect(rng, samples)
    return samples
