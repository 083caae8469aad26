"""Draws random remixes: any voice over any accompaniment, with random effects; and snippets of songs as they are."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial

import numpy as np

from gender_audio.systems.labels import SINGING
from train.data import effects
from train.data.effects import coloured_noise, normalise_rms
from train.data.library import Library, Take
from train.data.remix import LENGTH, Remix, layer, mix, normalise_peak
from train.data.remix_config import RemixConfig
from train.data.takes import Takes
from train.data.voice_activity import FRAME

MAX_VOICES = 4
MAX_OFFSET = 640
"""Largest offset between voices in harmony, in samples: 40 ms."""
RECORDED_TOGETHER = 0.15
"""How often a song labelled `multiple` is one with several voices. There are few; otherwise a soloist joins a song."""


class Remixer:
    """Draws random remixes from a library. The random generator alone decides which."""

    def __init__(self, library: Library, config: RemixConfig = RemixConfig()) -> None:
        self.library = library
        self.config = config
        self.takes = Takes(library)

    def draw(self, rng: np.random.Generator, label: str | None = None) -> Remix:
        """One remix, of the given label or of any."""
        label = label or str(rng.choice(SINGING.labels))
        config = self.config
        if rng.random() < config.song and (song := self._draw_song(rng, label)):
            return song
        if label == "none":
            if rng.random() < config.noise_only:
                return self._noise_only(rng)
            alone = rng.random() < config.alone
            accompaniment = self._draw_backing(rng, equal=True) if alone else self._draw_accompaniment(rng)
            return self._process_mixture(rng, self._mix(rng, [], accompaniment, label, "instrumental"))
        kind = "spoken" if rng.random() < config.spoken else "sung"
        take, start = self._draw_first(rng, "speech" if kind == "spoken" else "singing", label)
        singers, voices = self._draw_voices(rng, take, start, label)
        if rng.random() < config.a_cappella:
            return self._process_mixture(rng, self._mix(rng, voices, None, label, f"{kind} a cappella", singers))
        over_song = rng.random() < config.over_song and bool(self.takes.songs["none"])
        if over_song:
            accompaniment = self._cut_song(*self.takes.song(rng, "none"))
        else:
            accompaniment = self._draw_accompaniment(rng, take, start)
        mixed = self._mix(rng, voices, accompaniment, label, kind, singers)
        return self._process_mixture(rng, mixed, always=over_song)

    def _draw_first(self, rng: np.random.Generator, kind: str, label: str) -> tuple[Take, int]:
        """The only voice, or the first of several."""
        if label != "multiple":
            return self.takes.voice(rng, kind, label)
        if kind == "singing" and rng.random() < self.config.choir and self.takes.has_choir:
            return self.takes.choir_singer(rng)
        return self.takes.voice(rng, kind, "any")

    def _draw_voices(
        self, rng: np.random.Generator, take: Take, start: int, label: str
    ) -> tuple[tuple[str, ...], list[np.ndarray]]:
        """Singers and samples of a voice, and of those that join it if the label is `multiple`."""
        voices = [(take.source.group, self._cut_voice(rng, take, start))]
        if label == "multiple":
            voices += self._draw_others(rng, take, start)
        singers = tuple(dict.fromkeys(singer for singer, _ in voices))
        sounds = [samples for _, samples in voices]
        if len(singers) == len(voices) == 2 and rng.random() < self.config.call_and_answer:
            sounds = [*effects.alternate(rng, *sounds)]
        return singers, sounds

    def _draw_song(self, rng: np.random.Generator, label: str) -> Remix | None:
        """A snippet of a song with this label, or None if there is none."""
        songs = self.takes.songs
        if label == "multiple":
            if songs[label] and rng.random() < RECORDED_TOGETHER:
                return self._song(rng, label)
            voices = [voice for voice in ("male", "female") if songs[voice]]
            return self._joined_song(rng, voices) if voices else None
        return self._song(rng, label) if songs[label] else None

    def _song(self, rng: np.random.Generator, label: str) -> Remix:
        """A song as it is."""
        take, start = self.takes.song(rng, label)
        samples = self._cut_song(take, start)
        silence = np.zeros_like(samples)
        stems = (silence, samples) if label == "none" else (samples, silence)
        return self._process_mixture(rng, normalise_peak(Remix(*stems, label, "song", (take.source.group,))))

    def _joined_song(self, rng: np.random.Generator, voices: list[str]) -> Remix:
        """A song with one voice, and another singer about as loud as that voice."""
        take, start = self.takes.song(rng, str(rng.choice(voices)))
        other, at = self.takes.voice(rng, "singing", "any", other_than=take.source.group)
        power = self.library.vocal_power(take)[start // FRAME : (start + LENGTH) // FRAME].mean()
        level = np.sqrt(power) * 10 ** (rng.uniform(*self.config.second_voice_db) / 20)
        soloist = normalise_rms(self._cut_voice(rng, other, at)) * np.float32(level)
        samples = self.library.cut(take, start, LENGTH) + soloist
        singers = (take.source.group, other.source.group)
        remix = Remix(samples, np.zeros_like(samples), "multiple", "song", singers)
        return self._process_mixture(rng, normalise_peak(remix), always=True)

    def _cut_song(self, take: Take, start: int) -> np.ndarray:
        return normalise_rms(self.library.cut(take, start, LENGTH))

    def _mix(
        self,
        rng: np.random.Generator,
        voices: list[np.ndarray],
        accompaniment: np.ndarray | None,
        label: str,
        kind: str,
        singers: tuple[str, ...] = (),
    ) -> Remix:
        config, voice = self.config, None
        for other in voices:
            voice = layer(other, voice, rng.uniform(*config.second_voice_db))
        if rng.random() < config.noise:
            noise = coloured_noise(rng, LENGTH) * np.float32(10 ** (rng.uniform(-60, -25) / 20))
            accompaniment = noise if accompaniment is None else accompaniment + noise
        return replace(mix(voice, accompaniment, rng.uniform(*config.snr_db), label, kind), singers=singers)

    def _process_mixture(self, rng: np.random.Generator, remix: Remix, always: bool = False) -> Remix:
        """The remix with effects of the mixture: compression, and with `always`, certainly bandwidth and codec."""
        config = self.config
        if rng.random() < config.compression:
            gain = effects.compression_gain(rng, remix.mixture)
            remix = normalise_peak(replace(remix, vocals=remix.vocals * gain, accompaniment=remix.accompaniment * gain))
        if rng.random() < config.bandwidth or always:
            vocals, accompaniment = effects.bandwidth(rng, np.stack([remix.vocals, remix.accompaniment]))
            remix = normalise_peak(replace(remix, vocals=vocals, accompaniment=accompaniment))
        if rng.random() < config.codec or always:
            decoded = effects.codec(rng, remix.mixture)
            whole = remix.kind == "song" and remix.label != "none"
            changed = {"vocals": decoded} if whole else {"accompaniment": decoded - remix.vocals}
            remix = replace(remix, **changed)
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
            (config.pitch_shift, partial(effects.pitch_shift, voice=take.source.voice)),
            (config.formant_shift, effects.formant_shift),
            (config.operatic, effects.operatic),
            (config.doubling, effects.doubling),
            (config.harmoniser, effects.harmoniser),
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
                others.append((other.source.group, self._cut_voice(rng, other, at, as_harmony=in_harmony)))
        return others

    def _draw_other(self, rng: np.random.Generator, take: Take, start: int) -> tuple[Take, int]:
        same_recording = take.source.dataset == "choral" and rng.random() < self.config.same_recording
        if same_recording and (neighbour := self.takes.same_moment(rng, take, start)):
            return neighbour
        return self.takes.other_singer(rng, take)

    def _draw_accompaniment(self, rng: np.random.Generator, take: Take | None = None, start: int = 0) -> np.ndarray:
        recorded = take and take.source.dataset == "mir1k" and rng.random() < self.config.same_recording / 2
        if take and recorded and (backing := self.takes.backing_of(take, start)):
            return normalise_rms(self._apply_stem_effects(rng, self.library.cut(*backing, LENGTH)))
        first = self._draw_backing(rng)
        second = self._draw_backing(rng) if rng.random() < self.config.second_accompaniment else None
        return layer(first, second, rng.uniform(*self.config.second_accompaniment_db))

    def _draw_backing(self, rng: np.random.Generator, equal: bool = False) -> np.ndarray:
        take, start = self.takes.accompaniment(rng, equal)
        return self._apply_stem_effects(rng, self.library.cut(take, start, LENGTH))


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
