"""Cache of the features of labelled clips, one file for each recording, named by its content."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cached_property, lru_cache, partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import torch
from joblib import cpu_count
from safetensors import safe_open
from safetensors.torch import save_file
from tqdm import tqdm

from gender_audio.atomic_write import atomic_write
from gender_audio.features.filterbank import Filterbank
from gender_audio.features.framing import Windows
from gender_audio.separation import Separator, load, separator_fingerprint
from gender_audio.systems.singing_features import SingingFeatures
from train.data.labelled_clips import LabelledClip, read_clip
from train.run_records import key

INPUTS = ("vocals",)
AUDIBLE = 1.0
"""Feature value above which the vocals of a snippet are audible: 20 dB below its loudest sound, which has 2."""


@dataclass(frozen=True)
class ClipFeatureCache:
    """Features of the snippets of clips after one separator."""

    cache: Path
    feature: Filterbank
    separator: str = "unet"

    @cached_property
    def separator_fingerprint(self) -> str:
        """Fingerprint of the separator."""
        return separator_fingerprint(self.separator)

    @cached_property
    def folder(self) -> Path:
        """Folder of the files. Its name depends on everything except the clips that the features depend on."""
        return self.cache / f"clips-{key(self.feature.fingerprint, self.separator_fingerprint, INPUTS, Windows())}"

    def path(self, clip: LabelledClip) -> Path:
        """File of the features of a clip."""
        return self.folder / clip.content[:2] / f"{clip.content}.safetensors"

    def contains(self, clip: LabelledClip) -> bool:
        """Whether the features of a clip are cached."""
        return self.path(clip).exists()

    def load(self, clip: LabelledClip) -> torch.Tensor:
        """The features of a cached clip, float32 [s, 1, frames, bands]."""
        with safe_open(self.path(clip), "pt") as stored:
            return stored.get_tensor("features").float()

    def voiced_snippets(self, clip: LabelledClip) -> np.ndarray:
        """Numbers of the snippets to which the label applies, at least one.

        For the label `none`, these are all snippets. For a voice, they are those in which the vocals are audible: the
        label describes a whole song, but its introduction may have no voice.
        """
        with safe_open(self.path(clip), "np") as stored:
            loudest = stored.get_tensor("loudest")
        voiced = loudest >= min(AUDIBLE, loudest.max())
        return np.flatnonzero(voiced | (clip.label == "none"))


class CachedSnippets:
    """Features of n snippets, float16 [n, 1, frames, bands], read from the cache on demand."""

    def __init__(self, store: ClipFeatureCache, clips: Sequence[LabelledClip]) -> None:
        rows = [store.voiced_snippets(clip) for clip in clips]
        self._paths = [store.path(clip) for clip in clips]
        self._places = np.concatenate(rows)
        self._shape = (len(INPUTS), store.feature.frames, store.feature.bands)
        self.clips = np.repeat(np.arange(len(clips)), [len(clip_rows) for clip_rows in rows])
        """The number of the clip of each snippet, int [n]."""

    def __getitem__(self, rows: Any, /) -> np.ndarray:
        numbers = np.arange(len(self.clips))[rows]
        features = np.empty((*numbers.shape, *self._shape), np.float16)
        for place, row in np.ndenumerate(numbers):
            with safe_open(self._paths[self.clips[row]], "np") as stored:
                features[place] = stored.get_slice("features")[int(self._places[row])]
        return features


def build_cache(clips: Iterable[LabelledClip], store: ClipFeatureCache, processes: int | None = None) -> None:
    """Extract the features of all clips that are not cached yet, on all cores. It can be interrupted."""
    by_content = {clip.content: clip for clip in clips}
    missing = [clip for clip in by_content.values() if not store.contains(clip)]
    if not missing:
        return
    with ProcessPoolExecutor(processes or cpu_count(), mp_context=get_context("spawn")) as pool:
        done = pool.map(partial(_extract_features, store), missing)
        for _ in tqdm(done, desc="prepare", unit="clip", total=len(by_content), initial=len(by_content) - len(missing)):
            pass


def _extract_features(store: ClipFeatureCache, clip: LabelledClip) -> None:
    torch.set_num_threads(1)
    features = SingingFeatures(store.feature, INPUTS).from_stems(_separator(store.separator)(read_clip(clip)))
    with atomic_write(store.path(clip)) as unfinished:
        save_file({"features": features.half(), "loudest": features.amax((1, 2, 3))}, unfinished)


@lru_cache(maxsize=1)
def _separator(name: str) -> Separator:
    """The separator of that name, loaded once in each process."""
    return load(name)
