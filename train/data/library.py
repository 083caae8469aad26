"""Library of decoded sources at all playback speeds, in one memory-mapped array."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from joblib import Parallel, cpu_count, delayed
from tqdm import tqdm

from gender_audio.atomic_write import atomic_write
from train.data.corpus import Source, files_digest
from train.data.decoding import SPEEDS, decode
from train.run_records import key


@dataclass(frozen=True)
class Take:
    """A source at one speed: `length` samples from `offset` in the library's array."""

    source: Source
    speed: float
    offset: int
    length: int


class Library:
    """All takes of some sources. `samples` is a memory-mapped int16 array [total]."""

    def __init__(self, takes: list[Take], samples: np.ndarray) -> None:
        self.takes = takes
        self.samples = samples

    def cut(self, take: Take, start: int, length: int) -> np.ndarray:
        """float32 [length] from `start`, padded with zeros after the end of the take."""
        end = min(start + length, take.length)
        samples = self.samples[take.offset + start : take.offset + end].astype(np.float32) / 32767
        return np.pad(samples, (0, length - len(samples)))

    @classmethod
    def open(cls, data: Path, sources: Sequence[Source], cache: Path) -> Library:
        """Map the decoded sources in `cache`, and decode them first if they are not there.

        Raises:
            LayoutError: a recording cannot be decoded.
        """
        at_speeds = [(source, SPEEDS[source.voice]) for source in sources]
        name = key(at_speeds, files_digest(data, [source.path for source in sources]))
        folder = cache / f"library-{name}"
        if not folder.exists():
            with atomic_write(folder) as unfinished:
                cls._build(data, at_speeds, unfinished)
        rows = json.loads((folder / "takes.json").read_text())
        takes = [Take(Source(**row["source"]), row["speed"], row["offset"], row["length"]) for row in rows]
        total = sum(take.length for take in takes)
        return cls(takes, np.memmap(folder / "samples.i16", np.int16, "r", shape=(total,)))

    @staticmethod
    def _build(data: Path, at_speeds: list[tuple[Source, tuple[float, ...]]], folder: Path) -> None:
        folder.mkdir()
        rows, offset = [], 0
        decoded = Parallel(cpu_count(), return_as="generator")(
            delayed(decode)(data, source, speeds) for source, speeds in at_speeds
        )
        with (folder / "samples.i16").open("wb") as file:
            progress = tqdm(zip(at_speeds, decoded, strict=True), total=len(at_speeds), desc="decode", unit="clip")
            for (source, speeds), takes in progress:
                for speed, take in zip(speeds, takes, strict=True):
                    take.tofile(file)
                    rows.append(asdict(Take(source, speed, offset, len(take))))
                    offset += len(take)
        (folder / "takes.json").write_text(json.dumps(rows))
