"""Cache of the features of random remixes, the training data of the singing members."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch
from joblib import cpu_count
from safetensors.torch import load_file, save_file
from tqdm import tqdm

from gender_audio.atomic_write import atomic_write
from gender_audio.audio import Clip
from gender_audio.features.filterbank import Filterbank
from gender_audio.separation import load, separator_fingerprint
from gender_audio.systems.labels import SINGING
from gender_audio.systems.singing_features import SingingFeatures
from train.data.corpus import (
    Source,
    corpus_digest,
    mbrola_sources,
    midi_sources,
    psola_sources,
    read_recordings,
    recordings_digest,
)
from train.data.corpus_checks import require_remix_sources
from train.data.decoding import RATE, SPEEDS
from train.data.library import Library
from train.data.remix import Remix, load_protocol
from train.data.remix_config import RemixConfig
from train.data.remixer import MAX_VOICES, Remixer
from train.data.voice_activity import SEPARATOR
from train.engine.hardware import bf16_is_fast
from train.run_records import key

BLOCK = 200
"""Remixes that one process renders at a time."""
TRUE_STEMS = "true"
"""Name of an ideal separator: it returns the stems that a remix was made of."""


@dataclass(frozen=True)
class RemixCacheConfig:
    """Renders `count` remixes of the train split and caches the features of `inputs` after separation.

    Attributes:
        data, cache: folders of the corpora and of the cache.
        count, seed: number of remixes, and their seed.
        feature, inputs: the filter bank, and the signals that it is computed from: `vocals`, `mixture` or both.
        separator: one of `gender_audio.separation.NAMES`, or `TRUE_STEMS`.
        remix: how remixes are drawn.
        include_val: add the singing of the val split, but not its speech and accompaniments, for the final training.
        n_midi, n_mbrola: number of synthesised accompaniments and melodies.
        n_psola: number of songs that are synthesised from the speech of each speaker of the train split.
        guessed: use recordings whose voice a model guessed.
    """

    data: Path
    cache: Path
    count: int
    seed: int
    feature: Filterbank
    inputs: tuple[str, ...]
    separator: str = "none"
    remix: RemixConfig = RemixConfig()
    include_val: bool = False
    n_midi: int = 0
    n_mbrola: int = 0
    n_psola: int = 0
    guessed: bool = True

    @property
    def folder(self) -> Path:
        """Folder of this cache. Its name depends on everything that the content depends on."""
        corpora = (recordings_digest(self.data), self.include_val, self.guessed, separator_fingerprint(SEPARATOR))
        synthesised = (self.n_midi, self.n_mbrola, self.n_psola)
        remixes = (self.seed, self.count, self.remix, SPEEDS, *corpora, *synthesised)
        return self.cache / f"remixes-{'-'.join(self.inputs)}-{key(*self.feature_key, *remixes)}"

    @property
    def feature_key(self) -> tuple[str, tuple[str, ...], str]:
        """What the features depend on, besides the remixes."""
        return self.feature.fingerprint, self.inputs, self.separator_fingerprint

    @property
    def arrays(self) -> Path:
        """Subfolder of the arrays. The folder may contain other files about the same remixes."""
        return self.folder / "arrays"

    @property
    def sources(self) -> list[Source]:
        """The sources of the remixes. True stems of songs are unknown, so an ideal separator gets none."""
        recorded = [
            source
            for source in read_recordings(self.data)
            if source.split == "train" or (self.include_val and source.split == "val" and source.kind == "singing")
            if self.guessed or not source.guessed
            if source.kind != "song" or self.separator != TRUE_STEMS
        ]
        synthesised = midi_sources(self.n_midi) + mbrola_sources(self.n_mbrola)
        return recorded + synthesised + psola_sources(self.data, self.n_psola)

    @property
    def separator_fingerprint(self) -> str:
        """Fingerprint of the separator; empty if there is none."""
        return TRUE_STEMS if self.separator == TRUE_STEMS else separator_fingerprint(self.separator)

    def channels(self, inputs: tuple[str, ...]) -> slice:
        """The channels of some of the inputs."""
        places = [self.inputs.index(name) for name in inputs]
        return slice(min(places), max(places) + 1)


class Features(Protocol):
    """Features that are indexed by rows like an array and can be read from disk on demand."""

    def __getitem__(self, rows: Any, /) -> np.ndarray: ...


@dataclass(frozen=True, eq=False)
class RemixFeatures:
    """Features of n remixes, usually memory-mapped.

    `features` is float16 [n, channels, frames, bands], `labels` uint8 [n], and `singers` strings [n, 4]: the singers of
    each remix, padded with empty strings.
    """

    features: Features
    labels: np.ndarray
    singers: np.ndarray

    def load(self, rows: Any) -> torch.Tensor:
        """The features of one or several rows, float32."""
        return torch.from_numpy(np.asarray(self.features[rows], np.float32))


def extract_features(
    remixes: list[Remix], separator: str, feature: Filterbank, inputs: tuple[str, ...], half: bool = False
) -> torch.Tensor:
    """Features of remixes, computed as in inference, float32 [len(remixes), channels, frames, bands].

    Args:
        separator: one of `gender_audio.separation.NAMES`, or `TRUE_STEMS`.
        half: separate in half precision if that is faster. The error is 59 dB below the vocals.
    """
    mixture = torch.from_numpy(np.stack([remix.mixture for remix in remixes]))
    if separator == TRUE_STEMS:
        vocals = np.stack([remix.vocals for remix in remixes])
    else:
        separate = load(separator)
        with torch.autocast("cpu", torch.bfloat16, enabled=half and bf16_is_fast()):
            stems = [separate(Clip(remix.mixture[None], RATE)) for remix in remixes]
        vocals = np.stack([Clip(stem.vocals, stem.rate).mono(RATE) for stem in stems])
    return SingingFeatures(feature, inputs).from_snippets(torch.from_numpy(vocals), mixture)


def protocol_features(
    config: RemixCacheConfig, file: Path, inputs: tuple[str, ...]
) -> tuple[torch.Tensor, torch.Tensor]:
    """Features and labels of the rows of a protocol file, cached.

    Args:
        inputs: some of the inputs of `config`.

    Returns:
        Features, float32 [n, channels, frames, bands], and labels [n].
    """
    path = (
        config.cache
        / f"{file.stem}-{key(*config.feature_key, corpus_digest(config.data), file.read_bytes())}.safetensors"
    )
    if not path.exists():
        remixes = load_protocol(file, config.data)
        parts = [remixes[at : at + 100] for at in range(0, len(remixes), 100)]
        features = torch.cat(
            [extract_features(part, config.separator, config.feature, config.inputs) for part in parts]
        )
        labels = torch.tensor([SINGING.labels.index(remix.label) for remix in remixes])
        with atomic_write(path) as unfinished:
            save_file({"features": features, "labels": labels}, unfinished)
    stored = load_file(path)
    return stored["features"][:, config.channels(inputs)], stored["labels"]


def build_cache(config: RemixCacheConfig, processes: int = cpu_count()) -> RemixFeatures:
    """Render and separate the remixes that are not in the cache yet, and extract their features. It can be interrupted.

    Raises:
        LayoutError: as `require_remix_sources`, or as `Library.open`.
    """
    folder = config.arrays
    shape = (config.count, len(config.inputs), config.feature.frames, config.feature.bands)
    if not folder.exists():
        longest = max(len(source.group) for source in config.sources)
        arrays = {
            "features": (np.float16, shape),
            "labels": (np.uint8, shape[:1]),
            "singers": (f"U{longest}", (config.count, MAX_VOICES)),
            "done": (np.bool_, (-(-config.count // BLOCK),)),
        }
        with atomic_write(folder) as unfinished:
            unfinished.mkdir()
            for name, (kind, size) in arrays.items():
                np.lib.format.open_memmap(unfinished / f"{name}.npy", "w+", kind, size).flush()
    missing = np.flatnonzero(~np.load(folder / "done.npy"))
    if len(missing):
        require_remix_sources(config.sources)
        Library.open(config.data, config.sources, config.cache)
        with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
            for _ in tqdm(
                pool.map(partial(_render_block, config), missing), total=len(missing), desc="remix", unit="block"
            ):
                pass
    return RemixFeatures(
        *(np.load(folder / f"{name}.npy", mmap_mode="r") for name in ("features", "labels", "singers"))
    )


def load_features(config: RemixCacheConfig, inputs: tuple[str, ...]) -> RemixFeatures:
    """The cached remixes with only some of the inputs of `config` as channels."""
    remixes = build_cache(config)
    return replace(remixes, features=remixes.features[:, config.channels(inputs)])


def _render_block(config: RemixCacheConfig, number: int) -> None:
    torch.set_num_threads(1)
    folder = config.arrays
    features, labels, singers, done = (
        np.load(folder / f"{name}.npy", mmap_mode="r+") for name in ("features", "labels", "singers", "done")
    )
    remixer = Remixer(Library.open(config.data, config.sources, config.cache), config.remix)
    span = range(number * BLOCK, min((number + 1) * BLOCK, config.count))
    remixes = [remixer.draw(np.random.default_rng((config.seed, sample))) for sample in span]
    extracted = extract_features(remixes, config.separator, config.feature, config.inputs, half=True)
    features[span.start : span.stop] = extracted.numpy()
    labels[span.start : span.stop] = [SINGING.labels.index(remix.label) for remix in remixes]
    singers[span.start : span.stop] = [(*remix.singers, *[""] * MAX_VOICES)[:MAX_VOICES] for remix in remixes]
    done[number] = True
