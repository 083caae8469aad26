"""Cache of the features of speech, one memory-mapped array for each set of recordings."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from gender_audio.atomic_write import atomic_write
from gender_audio.audio import Clip
from gender_audio.audio.loudness import audible
from gender_audio.systems.labels import SPEECH_MEL
from gender_audio.systems.speech_features import SpeechFeatures
from train.data.corpus import Source, files_digest, read_sources
from train.data.decoding import RATE, SPEEDS, decode
from train.run_records import key

ORIGINAL_SPEED = {"male": (1.0,), "female": (1.0,)}


def speech_sources(data: Path, split: str) -> list[Source]:
    """The speech of one split of `data/manifest.csv`."""
    return [source for source in read_sources(data, split) if source.kind == "speech"]


@dataclass(frozen=True, eq=False)
class SpeechSnippets:
    """n snippets of several recordings.

    Attributes:
        columns: features of all snippets, one after the other, float16 [total, rows].
        starts, lengths: position of each snippet in `columns`, int [n].
        labels: 0 for male and 1 for female, int [n].
        speakers, datasets, paths: strings [n]. All snippets of a recording have the same path.
    """

    columns: np.ndarray
    starts: np.ndarray
    lengths: np.ndarray
    labels: np.ndarray
    speakers: np.ndarray
    datasets: np.ndarray
    paths: np.ndarray

    def __len__(self) -> int:
        return len(self.labels)

    def take(self, rows: np.ndarray) -> SpeechSnippets:
        """The snippets with these row numbers, or where this mask is true."""
        parts = (self.starts, self.lengths, self.labels, self.speakers, self.datasets, self.paths)
        return SpeechSnippets(self.columns, *(part[rows] for part in parts))

    def features(self, row: int) -> np.ndarray:
        """The features of one snippet, float32 [rows, frames]."""
        start = self.starts[row]
        return self.columns[start : start + self.lengths[row]].T.astype(np.float32)


def load_snippets(
    features: SpeechFeatures, data: Path, sources: Sequence[Source], cache: Path, all_speeds: bool = False
) -> SpeechSnippets:
    """The audible snippets of recordings, with their features, cached.

    Args:
        all_speeds: add the recordings at the other playback speeds, which keep the label.
    """
    speeds = SPEEDS if all_speeds else ORIGINAL_SPEED
    files = files_digest(data, [source.path for source in sources])
    content = (features.feature, features.windows, features.system, speeds, sources, files)
    folder = cache / f"speech-{features.system}-{key(*content)}"
    if not folder.exists():
        with atomic_write(folder) as unfinished:
            _build(features, data, sources, speeds, unfinished)
    rows = json.loads((folder / "snippets.json").read_text())
    lengths = np.array(rows["length"])
    return SpeechSnippets(
        np.load(folder / "columns.npy", mmap_mode="r"),
        np.cumsum(lengths) - lengths,
        lengths,
        np.array([SPEECH_MEL.labels.index(voice) for voice in rows["voice"]]),
        np.array(rows["speaker"]),
        np.array(rows["dataset"]),
        np.array(rows["path"]),
    )


def extract_features(features: SpeechFeatures, data: Path, source: Source, speeds: Sequence[float]) -> list[np.ndarray]:
    """The features of the audible snippets of a recording at each speed, float32 [rows, frames] each."""
    extracted = []
    for samples in decode(data, source, speeds):
        snippets = features.cut(features.samples(Clip(samples[None].astype(np.float32) / np.float32(32767), RATE)))
        extracted += features.from_snippets(snippets[audible(snippets)])
    return extracted


def _build(
    features: SpeechFeatures, data: Path, sources: Sequence[Source], speeds: dict[str, Any], folder: Path
) -> None:
    folder.mkdir()
    rows: dict[str, list[Any]] = {name: [] for name in ("length", "voice", "speaker", "dataset", "path")}
    columns = []
    for source in tqdm(sources, desc="extract", unit="clip"):
        snippets = extract_features(features, data, source, speeds[source.voice])
        columns += [snippet.T.astype(np.float16) for snippet in snippets]
        metadata = {"voice": source.voice, "speaker": source.singer_id, "dataset": source.dataset, "path": source.path}
        rows["length"] += [snippet.shape[1] for snippet in snippets]
        for name, value in metadata.items():
            rows[name] += [value] * len(snippets)
    np.save(folder / "columns.npy", np.concatenate(columns))
    (folder / "snippets.json").write_text(json.dumps(rows))
