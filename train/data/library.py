"""Library of decoded sources at all playback speeds, in one memory-mapped array; and where its songs have a voice."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from joblib import Parallel, cpu_count, delayed
from tqdm import tqdm

from gender_audio.atomic_write import atomic_write
from gender_audio.separation import load, separator_fingerprint
from train.data.corpus import Source, files_digest
from train.data.decoding import SPEEDS, decode
from train.data.voice_activity import FRAME, RULE, SEPARATOR, vocal_power
from train.run_records import key

ORIGINAL_SPEED = (1.0,)
"""Speeds of recordings of several voices."""


@dataclass(frozen=True)
class Take:
    """A source at one speed: `length` samples from `offset` in the library's array."""

    source: Source
    speed: float
    offset: int
    length: int


class Library:
    """All takes of some sources.

    Attributes:
        samples: of all takes, memory-mapped, int16 [total].
        powers: path of a song to its vocal power at the original speed, float32 [frames].
    """

    def __init__(self, takes: list[Take], samples: np.ndarray, powers: dict[str, np.ndarray]) -> None:
        self.takes = takes
        self.samples = samples
        self.powers = powers

    def cut(self, take: Take, start: int, length: int) -> np.ndarray:
        """float32 [length] from `start`, padded with zeros after the end of the take."""
        end = min(start + length, take.length)
        samples = self.samples[take.offset + start : take.offset + end].astype(np.float32) / 32767
        return np.pad(samples, (0, length - len(samples)))

    def vocal_power(self, take: Take) -> np.ndarray:
        """Vocal power of a take of a song in every frame, float32 [frames], see `voice_activity`."""
        power = self.powers[take.source.path]
        places = np.round(np.arange(take.length // FRAME) * take.speed).astype(int)
        return power[np.minimum(places, len(power) - 1)]

    @classmethod
    def open(cls, data: Path, sources: Sequence[Source], cache: Path) -> Library:
        """Map the decoded sources in `cache`, and decode them first if they are not there.

        Raises:
            LayoutError: a recording cannot be decoded.
        """
        at_speeds = [(source, SPEEDS.get(source.voice, ORIGINAL_SPEED)) for source in sources]
        activity = (separator_fingerprint(SEPARATOR), RULE) if any(_is_sung(source) for source in sources) else ()
        name = key(at_speeds, files_digest(data, [source.path for source in sources]), *activity)
        folder = cache / f"library-{name}"
        if not folder.exists():
            with atomic_write(folder) as unfinished:
                cls._build(data, at_speeds, unfinished)
        rows = json.loads((folder / "takes.json").read_text())
        takes = [Take(Source(**row["source"]), row["speed"], row["offset"], row["length"]) for row in rows]
        total = sum(take.length for take in takes)
        with np.load(folder / "vocal-power.npz") as powers:
            return cls(takes, np.memmap(folder / "samples.i16", np.int16, "r", shape=(total,)), dict(powers))

    @staticmethod
    def _build(data: Path, at_speeds: list[tuple[Source, tuple[float, ...]]], folder: Path) -> None:
        folder.mkdir()
        rows, powers, offset = [], {}, 0
        decoded = Parallel(cpu_count(), return_as="generator")(
            delayed(_decode)(data, source, speeds) for source, speeds in at_speeds
        )
        with (folder / "samples.i16").open("wb") as file:
            progress = tqdm(zip(at_speeds, decoded, strict=True), total=len(at_speeds), desc="decode", unit="clip")
            for (source, speeds), (takes, power) in progress:
                for speed, take in zip(speeds, takes, strict=True):
                    take.tofile(file)
                    rows.append(asdict(Take(source, speed, offset, len(take))))
                    offset += len(take)
                if power is not None:
                    powers[source.path] = power
        np.savez(folder / "vocal-power.npz", **powers)
        (folder / "takes.json").write_text(json.dumps(rows))


def _is_sung(source: Source) -> bool:
    """Whether a source is a song with a voice, which need not be heard all the time."""
    return source.kind == "song" and source.voice != "none"


def _decode(data: Path, source: Source, speeds: tuple[float, ...]) -> tuple[list[np.ndarray], np.ndarray | None]:
    """Takes of a source, int16 [n] each, and the vocal power of a song with a voice."""
    takes = decode(data, source, speeds)
    if not _is_sung(source):
        return takes, None
    samples = takes[speeds.index(1.0)].astype(np.float32) / 32767
    return takes, vocal_power(samples, load(SEPARATOR))
