"""Does the separator clean voices that it learnt from better than new ones?

If it did, members trained behind it would hear cleaner vocals than they are served, and each training voice would have
to be separated by a network that had not learnt from it.
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
from train.data.remix import Remixer
from train.data.remix_config import RemixConfig
from train.engine.bootstrap import interval
from train.evaluation.separation import gain

ODDS = RemixConfig(spoken=0.0, a_cappella=0.0, noise=0.0, same_recording=0.0)
REMIXES = 300
QUICK = 4
"""Of each side, and where it is only to run."""
SIDES = {"known": "train", "new": "val"}


def measure(
    separator: Separator, data: Path, cache: Path, count: int = REMIXES, seed: int = 0
) -> dict[str, dict[str, Any]]:
    """Mean SI-SDR improvement in dB on single sung voices, over the accompaniments of the val split.

    Returns:
        For `known`, singers that the separator learnt from, and for `new` ones, the mean, its interval by singer and
        how many singers there were.
    """
    backings = [source for source in read_sources(data, "val") if source.kind == "accompaniment"]

    def side(split: str) -> dict[str, Any]:
        voices = [source for source in read_sources(data, split) if source.kind == "singing"]
        remixer, rng = Remixer(Library.open(data, voices + backings, cache), ODDS), np.random.default_rng(seed)
        remixes = [remixer.draw(rng, label) for label in ("male", "female") for _ in range(count // 2)]
        gains = np.array([gain(one, separator(Clip(one.mixture[None], RATE)).vocals[0]) for one in remixes])
        groups = [one.group for one in remixes]
        spread = interval(lambda rows: float(gains[rows].mean()), groups, [one.label for one in remixes])
        return {"gain": float(gains.mean()), "interval": spread, "singers": len(set(groups))}

    return {name: side(split) for name, split in SIDES.items()}
