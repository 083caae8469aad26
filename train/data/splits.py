"""Who may be on which side: splits by speaker, and a refusal of those that share one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import numpy as np
from sklearn.model_selection import StratifiedKFold, train_test_split


class LeakError(ValueError):
    """The same speakers or artists are on more than one side of a split."""


def refuse_leak(sides: Mapping[str, Iterable[str]], who: str = "speaker") -> None:
    """Check that the speakers, or artists, of each side (name of the side to speakers) are nowhere else.

    Raises:
        LeakError: some are; the text names the sides and a few of them.
    """
    seen: dict[str, str] = {}
    for side, speakers in sides.items():
        shared = sorted(name for name in set(speakers) if name in seen)
        if shared:
            some = ", ".join(shared[:3]) + (" ..." if len(shared) > 3 else "")
            raise LeakError(
                f"{len(shared)} {who}(s) of {side!r} are in {seen[shared[0]]!r} too ({some}): the result would say "
                f"how well they are remembered. Split by {who}, or allow it explicitly to measure the difference."
            )
        seen |= dict.fromkeys(speakers, side)


def by_file(labels: np.ndarray, share: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Row numbers for training and for testing, files drawn at random within each class: this leaks speakers."""
    train, test = train_test_split(np.arange(len(labels)), test_size=share, random_state=seed, stratify=labels)
    return train, test


def by_speaker(
    labels: np.ndarray, speakers: np.ndarray, folds: int, seed: int
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Row numbers for training and for testing, once for each fold: speakers are dealt evenly within each class."""
    names, first = np.unique(speakers, return_index=True)
    for _, dealt in StratifiedKFold(folds, shuffle=True, random_state=seed).split(names, labels[first]):
        held = np.isin(speakers, names[dealt])
        refuse_leak({"train": speakers[~held], "test": speakers[held]})
        yield np.flatnonzero(~held), np.flatnonzero(held)
