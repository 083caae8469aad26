"""Compares the separator on voices it was trained on with its result on new voices.

The members are trained on its vocals. If it separated known voices better than new ones, the members would get cleaner
vocals in training than in use. Then each training voice would need a separator that was not trained on it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from gender_audio.audio import Clip
from gender_audio.separation import Separator
from train.data.corpus import read_sources
from train.data.decoding import RATE
from train.data.library import Library
from train.data.remix_config import RemixConfig
from train.data.remixer import Remixer
from train.data.separation_metrics import separation_gain
from train.engine.bootstrap import interval

SOLO_SINGING = RemixConfig(spoken=0.0, a_cappella=0.0, noise=0.0, same_recording=0.0)
REMIXES = 300
"""Remixes of known and of new singers, each."""
SPLITS = {"known": "train", "new": "val"}


def evaluate_seen_vs_unseen(
    separator: Separator, data: Path, cache: Path, count: int = REMIXES, seed: int = 0
) -> dict[str, dict[str, Any]]:
    """Mean SI-SDR improvement in dB on single sung voices, over the accompaniments of the val split.

    Returns:
        For `known` singers, which the separator was trained on, and for `new` ones: the mean gain, its interval by
        singer and the number of singers.
    """
    accompaniments = [source for source in read_sources(data, "val") if source.kind == "accompaniment"]

    def evaluate_split(split: str) -> dict[str, Any]:
        voices = [source for source in read_sources(data, split) if source.kind == "singing"]
        remixer = Remixer(Library.open(data, voices + accompaniments, cache), SOLO_SINGING)
        rng = np.random.default_rng(seed)
        remixes = [remixer.draw(rng, label) for label in ("male", "female") for _ in range(count // 2)]
        gains = np.array(
            [separation_gain(remix, separator(Clip(remix.mixture[None], RATE)).vocals[0]) for remix in remixes]
        )
        groups = [remix.group for remix in remixes]
        ends = interval(lambda rows: float(gains[rows].mean()), groups, [remix.label for remix in remixes])
        return {"gain": float(gains.mean()), "interval": ends, "singers": len(set(groups))}

    return {name: evaluate_split(split) for name, split in SPLITS.items()}
