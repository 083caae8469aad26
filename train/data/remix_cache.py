"""Features of many random remixes, computed once: what the members learn from."""

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
from train.data.corpus import Source, corpus_digest, mbrola_sources, midi_sources, psola_sources, read_sources
from train.data.corpus_checks import require_remix_sources
from train.data.decoding import RATE, SPEEDS
from train.data.library import Library
from train.data.remix import MAX_VOICES, Remix, Remixer, load_protocol
from train.data.remix_config import RemixConfig
from train.engine.precision import bf16_is_fast
from train.run_records import key

BLOCK = 200
TRUE_STEMS = "true"
"""The separator that knows the stems of a remix: what a perfect one would be worth."""


@dataclass(frozen=True)
class RemixCacheConfig:
    """What is packed: `count` remixes of the train split at `odds`, heard by `inputs` through `separator`.

    `everyone` adds the singers of the val split, for a last training after all choices have been made; its speakers and
    its accompaniments stay unheard. `band` is how many accompaniments are played for it, `voices` how many melodies are
    sung by nobody, and `sung` how often every speaker of the train split is made to sing, beside those of the corpora.
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

    @property
    def folder(self) -> Path:
        """Named after everything the content depends on."""
        made = (self.n_midi, self.n_mbrola, self.n_psola)
        drawn = (self.seed, self.count, self.remix, SPEEDS, corpus_digest(self.data), self.include_val, *made)
        return self.cache / f"packed-{'-'.join(self.inputs)}-{key(*self.feature_key, *drawn)}"

    @property
    def feature_key(self) -> tuple[str, tuple[str, ...], str]:
        """What features depend on beside the sound itself."""
        return self.feature.fingerprint, self.inputs, self.separator_fingerprint

    @property
    def arrays(self) -> Path:
        """Where the arrays lie, apart from what else is kept in the folder."""
        return self.folder / "arrays"

    @property
    def sources(self) -> list[Source]:
        """What the remixes are made of."""
        more = read_sources(self.data, "val") if self.include_val else []
        sung = [source for source in more if source.kind == "singing"]
        return (
            read_sources(self.data, "train")
            + sung
            + midi_sources(self.n_midi)
            + mbrola_sources(self.n_mbrola)
            + psola_sources(self.data, self.n_psola)
        )

    @property
    def separator_fingerprint(self) -> str:
        """Fingerprint of the separator; empty where there is none."""
        return TRUE_STEMS if self.separator == TRUE_STEMS else separator_fingerprint(self.separator)

    def columns(self, inputs: tuple[str, ...]) -> slice:
        """Where some of the inputs are among the channels."""
        places = [self.inputs.index(name) for name in inputs]
        return slice(min(places), max(places) + 1)


class Features(Protocol):
    """Indexed by rows like an array; what has not been asked for need not be in memory."""

    def __getitem__(self, rows: Any, /) -> np.ndarray: ...


@dataclass(frozen=True, eq=False)
class RemixFeatures:
    """What was packed, mapped from the disk.

    `features` is float16 [count, channels, frames, bands], `labels` uint8 [count], `singers` strings [count, 4]: whose
    voices sound in each remix, empty where there are fewer.
    """

    features: Features
    labels: np.ndarray
    singers: np.ndarray

    def load(self, rows: Any) -> torch.Tensor:
        """The features of some rows, float32."""
        return torch.from_numpy(np.asarray(self.features[rows], np.float32))


def extract_features(
    remixes: list[Remix], separator: str, feature: Filterbank, inputs: tuple[str, ...], half: bool = False
) -> torch.Tensor:
    """Features of remixes as they are served: float32 [len(remixes), channels, frames, bands].

    Args:
        separator: one of `gender_audio.separation.NAMES`, or `TRUE_STEMS`.
        half: separate in half precision where that is faster; it errs 59 dB below the vocals.
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


def protocol_features(plan: RemixCacheConfig, file: Path, inputs: tuple[str, ...]) -> tuple[torch.Tensor, torch.Tensor]:
    """What `inputs`, of the plan's, are heard to be on the rows of a protocol file, as they are served; computed once.

    Returns:
        Features, float32 [n, channels, frames, bands], and labels, [n].
    """
    path = plan.cache / f"{file.stem}-{key(*plan.feature_key, corpus_digest(plan.data), file.read_bytes())}.safetensors"
    if not path.exists():
        remixes = load_protocol(file, plan.data)
        parts = [remixes[at : at + 100] for at in range(0, len(remixes), 100)]
        heard = torch.cat([extract_features(part, plan.separator, plan.feature, plan.inputs) for part in parts])
        labels = torch.tensor([SINGING.labels.index(remix.label) for remix in remixes])
        with atomic_write(path) as made:
            save_file({"features": heard, "labels": labels}, made)
    stored = load_file(path)
    return stored["features"][:, plan.columns(inputs)], stored["labels"]


def build_cache(plan: RemixCacheConfig, processes: int = cpu_count()) -> RemixFeatures:
    """Draw, separate and measure the remixes of a plan that are not there yet; goes on where it stopped.

    Raises:
        LayoutError: as `require_remix_sources`, or as `Library.open`.
    """
    folder = plan.arrays
    shape = (plan.count, len(plan.inputs), plan.feature.frames, plan.feature.bands)
    if not folder.exists():
        longest = max(len(source.singer_id) for source in plan.sources)
        arrays = {
            "features": (np.float16, shape),
            "labels": (np.uint8, shape[:1]),
            "singers": (f"U{longest}", (plan.count, MAX_VOICES)),
            "done": (np.bool_, (-(-plan.count // BLOCK),)),
        }
        with atomic_write(folder) as made:
            made.mkdir()
            for name, (kind, size) in arrays.items():
                np.lib.format.open_memmap(made / f"{name}.npy", "w+", kind, size).flush()
    missing = np.flatnonzero(~np.load(folder / "done.npy"))
    if len(missing):
        require_remix_sources(plan.sources)
        Library.open(plan.data, plan.sources, plan.cache)
        with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
            for _ in tqdm(pool.map(partial(_block, plan), missing), total=len(missing), desc="remix", unit="block"):
                pass
    return RemixFeatures(
        *(np.load(folder / f"{name}.npy", mmap_mode="r") for name in ("features", "labels", "singers"))
    )


def load_features(plan: RemixCacheConfig, inputs: tuple[str, ...]) -> RemixFeatures:
    """The packed remixes as `inputs`, of the plan's, hear them."""
    packed = build_cache(plan)
    return replace(packed, features=packed.features[:, plan.columns(inputs)])


def _block(plan: RemixCacheConfig, number: int) -> None:
    torch.set_num_threads(1)
    folder = plan.arrays
    features, labels, singers, done = (
        np.load(folder / f"{name}.npy", mmap_mode="r+") for name in ("features", "labels", "singers", "done")
    )
    remixer = Remixer(Library.open(plan.data, plan.sources, plan.cache), plan.remix)
    span = range(number * BLOCK, min((number + 1) * BLOCK, plan.count))
    remixes = [remixer.draw(np.random.default_rng((plan.seed, sample))) for sample in span]
    features[span.start : span.stop] = extract_features(
        remixes, plan.separator, plan.feature, plan.inputs, half=True
    ).numpy()
    labels[span.start : span.stop] = [SINGING.labels.index(remix.label) for remix in remixes]
    singers[span.start : span.stop] = [(*remix.singers, *[""] * MAX_VOICES)[:MAX_VOICES] for remix in remixes]
    done[number] = True
