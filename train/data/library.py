"""The shared corpora as one array: every clip of a split decoded once, found again by who sings in it."""

from __future__ import annotations

import functools
import json
from collections import defaultdict
from collections.abc import Container, Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import librosa
import numpy as np
import soundfile
from joblib import Parallel, cpu_count, delayed
from tqdm import tqdm

from gender_audio import weights
from gender_audio.atomic_write import atomic_write
from train.data.readers import manifest
from train.data.readers.csv_listing import Row
from train.data.synthesis import mbrola, midi, psola
from train.data.validation import LayoutError
from train.run_records import key

RATE = 16_000
"""Sample rate of everything the training sees, in Hz."""

SPEEDS = {"male": (0.90, 0.95, 1.0, 1.05), "female": (0.95, 1.0, 1.05, 1.10), "none": (0.94, 1.0, 1.06)}
"""Playback speeds that make new-sounding voices (pitch and formants together) inside their class."""

SYNTHESISED = {
    midi.DATASET: midi.LICENCE,
    mbrola.DATASET: mbrola.LICENCE,
    psola.DATASET: psola.LICENCE,
}
"""Datasets that nobody recorded, and their licences."""


@dataclass(frozen=True)
class Source:
    """One row of the manifest. `voice_of` is male, female, none or unknown; `split` train, val or test."""

    path: str
    dataset: str
    kind: str
    voice: str
    singer_id: str
    song_id: str
    split: str


@dataclass(frozen=True)
class Take:
    """A source at one speed: `length` samples from `offset` in the library's array."""

    source: Source
    speed: float
    offset: int
    length: int


def sources(data: Path, split: str) -> list[Source]:
    """The rows of one split of `data/manifest.csv` whose voice is known.

    Raises:
        LayoutError, OSError: as `manifest.read_rows`.
    """
    fields = Source.__dataclass_fields__
    return [Source(**{name: row[name] for name in fields}) for row in _known(data) if row["split"] == split]


def midi_sources(count: int) -> list[Source]:
    """So many accompaniments that are not recorded but played (`band`), for training."""
    return [Source(f"{number:04d}", midi.DATASET, "accompaniment", "none", "", "", "train") for number in range(count)]


def mbrola_sources(count: int) -> list[Source]:
    """So many voices that are not recorded but synthesised, for training."""
    sung = [(f"{number:04d}", *mbrola.voice_of(number)) for number in range(count)]
    return [
        Source(name, mbrola.DATASET, "singing", kind, f"{mbrola.DATASET}:{singer}", "", "train")
        for name, singer, kind in sung
    ]


def psola_sources(data: Path, times: int) -> list[Source]:
    """What the speakers of the train split say, sung by themselves so many times each, for training."""
    spoken: dict[str, list[Source]] = defaultdict(list)
    for source in sources(data, "train") if times else ():
        if source.kind == "speech":
            spoken[source.singer_id].append(source)
    chosen = [said[number % len(said)] for said in spoken.values() for number in range(times)]
    return [
        Source(f"{number:04d} {source.path}", psola.DATASET, "singing", source.voice, source.singer_id, "", "train")
        for number, source in enumerate(chosen)
    ]


def licences(data: Path, datasets: Container[str] | None = None) -> dict[str, str]:
    """Corpus to licence, for every corpus, or those of `datasets`, with train rows whose voice is known."""
    terms: dict[str, set[str]] = defaultdict(set)
    for row in _known(data):
        if row["split"] == "train" and (datasets is None or row["dataset"] in datasets):
            terms[row["dataset"]].add(row["licence"])
    return {dataset: "; ".join(sorted(licences)) for dataset, licences in terms.items()}


def synthesis_licences(heard: Iterable[Source]) -> dict[str, str]:
    """Dataset to licence, of those among the sources that nobody recorded."""
    datasets = {source.dataset for source in heard}
    return {dataset: licence for dataset, licence in SYNTHESISED.items() if dataset in datasets}


def _known(data: Path) -> list[Row]:
    return [row for row in manifest.read_rows(data) if row["voice"] != "unknown"]


def corpus_digest(data: Path) -> str:
    """Names the content of `data/manifest.csv` and of the recordings there whose voice is known."""
    return key((data / manifest.FILE).read_bytes(), files_digest(data, [row["path"] for row in _known(data)]))


def files_digest(data: Path, paths: Iterable[str]) -> str:
    """Names what recordings below `data` are and contain, wherever `data` is; they may also be missing."""
    return key([(path, _content(data / path)) for path in paths])


def _content(path: Path) -> str:
    """SHA-256 of a file, in hex; empty where there is none."""
    try:
        state = path.stat()
    except FileNotFoundError:
        return ""
    return _read(path, state.st_size, state.st_mtime_ns)


# Only the bytes say what a recording is: a copy has other times, and another voice may fill a file of the same size.
# All shared corpora are read in two seconds, which is little once in a process and much whenever a folder is named.
@functools.cache
def _read(path: Path, size: int, changed_ns: int) -> str:  # noqa: ARG001
    return weights.digest(path)


def read_mono(path: Path, start: int = 0, length: int = -1) -> np.ndarray:
    """Samples of a mono file at 16 kHz, float32 [at most `length`]; all from `start` on if it is negative.

    Raises:
        LayoutError: it cannot be decoded, or is not as the protocols are defined: mono at this rate.
    """
    samples, rate = read_audio(path, start, length)
    if (channels := samples.shape[1]) != 1 or rate != RATE:
        raise LayoutError(f"{path} has {channels} channel(s) at {rate} Hz; the protocol is defined at {RATE} Hz, mono.")
    return samples[:, 0]


def read_audio(path: Path, start: int = 0, length: int = -1) -> tuple[np.ndarray, int]:
    """Samples of any file, float32 [at most `length`, channels], and their rate in Hz; all if `length` is negative.

    Raises:
        LayoutError: it cannot be decoded, or nothing sounds from `start` on.
    """
    try:
        samples, rate = soundfile.read(path, start=start, frames=length, dtype="float32", always_2d=True)
    except soundfile.LibsndfileError as error:
        raise LayoutError(f"{path}: this recording cannot be read. {error.error_string}") from error
    if not len(samples):
        raise LayoutError(f"{path}: there is no sound in this recording from sample {start} on.")
    return samples, rate


def decode(data: Path, source: Source, speeds: Iterable[float]) -> list[np.ndarray]:
    """One int16 array [n] per speed, at 16 kHz."""
    samples, rate = _sound(data, source)
    mono = samples.mean(1)
    takes = [librosa.resample(mono, orig_sr=rate * speed, target_sr=RATE, res_type="soxr_mq") for speed in speeds]
    return [np.round(np.clip(take, -1, 1) * 32767).astype(np.int16) for take in takes]


def _sound(data: Path, source: Source) -> tuple[np.ndarray, int]:
    """float32 [n, channels] and the rate in Hz; the number in the path of what is made decides what it is."""
    number, _, path = source.path.partition(" ")
    if source.dataset == midi.DATASET:
        return midi.render(int(number))
    if source.dataset == mbrola.DATASET:
        return mbrola.sing(int(number))
    if source.dataset == psola.DATASET:
        said, rate = read_audio(data / path)
        return psola.sing(said.mean(1), rate, source.voice, np.random.default_rng(int(number)))[:, None], rate
    return read_audio(data / source.path)


class Library:
    """Every take of some sources. `samples` is a memory-mapped int16 array [total]."""

    def __init__(self, takes: list[Take], samples: np.ndarray) -> None:
        self.takes = takes
        self.samples = samples

    def cut(self, take: Take, start: int, length: int) -> np.ndarray:
        """float32 [length] from `start`, padded with zeros where the take ends."""
        end = min(start + length, take.length)
        piece = self.samples[take.offset + start : take.offset + end].astype(np.float32) / 32767
        return np.pad(piece, (0, length - len(piece)))

    @classmethod
    def open(cls, data: Path, wanted: Sequence[Source], cache: Path) -> Library:
        """Decode sources of the corpora under `data` into `cache` at all speeds, or map what is already there."""
        varied = [(source, SPEEDS[source.voice]) for source in wanted]
        name = key(varied, files_digest(data, [source.path for source in wanted]))
        folder = cache / f"library-{name}"
        if not folder.exists():
            with atomic_write(folder) as made:
                cls._build(data, varied, made)
        rows = json.loads((folder / "takes.json").read_text())
        takes = [Take(Source(**row["source"]), row["speed"], row["offset"], row["length"]) for row in rows]
        total = sum(take.length for take in takes)
        return cls(takes, np.memmap(folder / "samples.i16", np.int16, "r", shape=(total,)))

    @staticmethod
    def _build(data: Path, varied: list[tuple[Source, tuple[float, ...]]], folder: Path) -> None:
        folder.mkdir()
        rows, offset = [], 0
        decoded = Parallel(cpu_count(), return_as="generator")(delayed(decode)(data, *one) for one in varied)
        with (folder / "samples.i16").open("wb") as file:
            for (source, speeds), takes in tqdm(
                zip(varied, decoded, strict=True), total=len(varied), desc="decode", unit="clip"
            ):
                for speed, take in zip(speeds, takes, strict=True):
                    take.tofile(file)
                    rows.append(asdict(Take(source, speed, offset, len(take))))
                    offset += len(take)
        (folder / "takes.json").write_text(json.dumps(rows))
