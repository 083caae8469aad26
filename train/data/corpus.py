"""Training and test sources: recordings of the shared tables, and synthesised sources."""

from __future__ import annotations

import functools
from collections import defaultdict
from collections.abc import Container, Iterable
from dataclasses import dataclass
from pathlib import Path

from gender_audio import weights
from train.data.readers import manifest
from train.data.readers.csv_listing import Row
from train.data.synthesis import mbrola, midi, psola
from train.run_records import key

SYNTHESISED = {midi.DATASET: midi.LICENCE, mbrola.DATASET: mbrola.LICENCE, psola.DATASET: psola.LICENCE}
"""Synthesised data set to licence."""


@dataclass(frozen=True)
class Source:
    """One row of a table. `voice` is male, female, none, multiple or unknown; `split` train, val or test."""

    path: str
    dataset: str
    kind: str
    voice: str
    singer_id: str
    song_id: str
    split: str
    label_source: str = manifest.NAMED

    @property
    def group(self) -> str:
        """The singer or artist, or else the song.

        A `singer_id` that ends in a question mark may be several people, or a part of one, so its corpus is one group.
        """
        if self.singer_id.endswith("?"):
            return f"{self.dataset}:?"
        return self.singer_id or self.song_id or self.path

    @property
    def guessed(self) -> bool:
        """Whether a model guessed the voice. Such a source only counts half in training, and never for any choice."""
        return self.label_source == manifest.MACHINE

    @property
    def certain(self) -> bool:
        """Whether the voice is named, and not only likely or guessed."""
        return self.label_source == manifest.NAMED


def read_sources(data: Path, split: str) -> list[Source]:
    """The rows of one split of `data/manifest.csv` whose voice is known.

    Raises:
        LayoutError, OSError: as `manifest.read_rows`.
    """
    return [_source(row) for row in _known_voices(manifest.read_rows(data)) if row["split"] == split]


def read_recordings(data: Path) -> list[Source]:
    """The rows of all splits and tables whose voice is known, with songs and guessed voices.

    Raises:
        LayoutError, OSError: as `manifest.read_all_rows`.
    """
    return [_source(row) for row in _known_voices(manifest.read_all_rows(data))]


def groups(data: Path) -> dict[str, str]:
    """Path to the group of every recording of all tables.

    Raises:
        LayoutError, OSError: as `manifest.read_all_rows`.
    """
    return {row["path"]: _source(row).group for row in manifest.read_all_rows(data)}


def midi_sources(count: int) -> list[Source]:
    """Accompaniments rendered from random MIDI, for training."""
    return [Source(f"{number:04d}", midi.DATASET, "accompaniment", "none", "", "", "train") for number in range(count)]


def mbrola_sources(count: int) -> list[Source]:
    """Random melodies sung by MBROLA voices, for training."""
    voices = [(f"{number:04d}", *mbrola.voice_of(number)) for number in range(count)]
    return [
        Source(path, mbrola.DATASET, "singing", kind, f"{mbrola.DATASET}:{name}", "", "train")
        for path, name, kind in voices
    ]


def psola_sources(data: Path, songs_per_speaker: int) -> list[Source]:
    """Singing synthesised from speech of the train split, for training. The `singer_id` is that of the speaker."""
    speech: dict[str, list[Source]] = defaultdict(list)
    for source in read_sources(data, "train") if songs_per_speaker else ():
        if source.kind == "speech":
            speech[source.singer_id].append(source)
    chosen = [clips[number % len(clips)] for clips in speech.values() for number in range(songs_per_speaker)]
    return [
        Source(f"{number:04d} {source.path}", psola.DATASET, "singing", source.voice, source.singer_id, "", "train")
        for number, source in enumerate(chosen)
    ]


def licences(data: Path, datasets: Container[str] | None = None) -> dict[str, str]:
    """Corpus to licence, of all corpora in the manifest, or of `datasets`, that have train rows with a known voice."""
    return _licences(row for row in manifest.read_rows(data) if datasets is None or row["dataset"] in datasets)


def recording_licences(data: Path) -> dict[str, str]:
    """Corpus to licence, of all corpora in all tables that have train rows with a known voice."""
    return _licences(manifest.read_all_rows(data))


def _licences(rows: Iterable[Row]) -> dict[str, str]:
    by_dataset: dict[str, set[str]] = defaultdict(set)
    for row in _known_voices(rows):
        if row["split"] == "train":
            by_dataset[row["dataset"]].add(row["licence"])
    return {dataset: "; ".join(sorted(licences)) for dataset, licences in by_dataset.items()}


def synthesis_licences(sources: Iterable[Source]) -> dict[str, str]:
    """Data set to licence, of the synthesised ones among the sources."""
    datasets = {source.dataset for source in sources}
    return {dataset: licence for dataset, licence in SYNTHESISED.items() if dataset in datasets}


def _known_voices(rows: Iterable[Row]) -> list[Row]:
    return [row for row in rows if row["voice"] != "unknown"]


def _source(row: Row) -> Source:
    return Source(**{name: row[name] for name in Source.__dataclass_fields__ if name in row})


def corpus_digest(data: Path) -> str:
    """Digest of `data/manifest.csv` and of all recordings in it whose voice is known."""
    paths = [row["path"] for row in _known_voices(manifest.read_rows(data))]
    return key((data / manifest.FILE).read_bytes(), files_digest(data, paths))


def recordings_digest(data: Path) -> str:
    """Digest of everything that `read_recordings` returns, and of the recordings."""
    sources = read_recordings(data)
    return key(sources, files_digest(data, [source.path for source in sources]))


def files_digest(data: Path, paths: Iterable[str]) -> str:
    """Digest of names and contents of files below `data`. It does not depend on `data`; files may be missing."""
    return key([(path, _file_digest(data / path)) for path in paths])


def _file_digest(path: Path) -> str:
    """SHA-256 of a file, in hex; empty if there is none."""
    try:
        state = path.stat()
    except FileNotFoundError:
        return ""
    return _hash_once(path, state.st_size, state.st_mtime_ns)


# Size and time of a file do not identify its content: a copy has other times, and another voice may have the same size.
# Hashing all shared corpora takes two seconds, so it is done once per process and file.
@functools.cache
def _hash_once(path: Path, size: int, changed_ns: int) -> str:  # noqa: ARG001
    return weights.digest(path)
