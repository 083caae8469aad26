"""Who may be on which side: splits by speaker or singer, and a refusal of those that share one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold, train_test_split

SPLITS = ("train", "val", "test")
"""To learn from, to choose and calibrate by, and to measure on."""
SPLIT_METHODS = ("given", "grouped", "random", "competition")
"""The ways to deal clips to them."""
FOLDS = 5
"""One of so many is put aside, where there are enough singers."""


class SplitError(ValueError):
    """There is no such split of these data; the text lists every reason, one to a line."""


class LeakError(SplitError):
    """The same speakers or artists are on more than one side of a split."""


def require_disjoint(sides: Mapping[str, Iterable[str]], who: str = "speaker") -> None:
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


def require_groups(
    labels: np.ndarray, groups: np.ndarray, parts: int, told: str = "speaker(s) cannot be dealt to {} folds"
) -> None:
    """Check that each label has a group, given for every row, strings [n], for each of so many parts.

    Raises:
        SplitError: there are labels with fewer groups; `told` says what these cannot be.
    """
    few = {label: count for label, count in _groups(labels, groups).items() if count < parts}
    if few:
        lines = (f"{label}: {count} {told.format(parts)}; add some of others." for label, count in few.items())
        raise SplitError("\n".join(lines))


def split_by_file(labels: np.ndarray, share: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Row numbers for training and for testing, files drawn at random within each class: this leaks speakers."""
    train, test = train_test_split(np.arange(len(labels)), test_size=share, random_state=seed, stratify=labels)
    return train, test


def split_by_speaker(
    labels: np.ndarray, speakers: np.ndarray, folds: int, seed: int
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Row numbers for training and for testing, once for each fold: speakers are dealt evenly within each class."""
    names, first = np.unique(speakers, return_index=True)
    for _, dealt in StratifiedKFold(folds, shuffle=True, random_state=seed).split(names, labels[first]):
        held = np.isin(speakers, names[dealt])
        require_disjoint({"train": speakers[~held], "test": speakers[held]})
        yield np.flatnonzero(~held), np.flatnonzero(held)


def connected_groups(names: Sequence[Iterable[str]]) -> np.ndarray:
    """Group numbers, int [n], of clips with these names: who shares a name, even by way of others, is in one group."""
    clips = [number for number, own in enumerate(names) for _ in own]
    _, places = np.unique([name for own in names for name in own], return_inverse=True)
    size = len(names) + len(clips)
    graph = coo_matrix((np.ones(len(clips)), (clips, len(names) + places)), shape=(size, size))
    return connected_components(graph, directed=False)[1][: len(names)]


def hold_out(labels: np.ndarray, groups: np.ndarray, seed: int, sides: int = 2) -> np.ndarray:
    """Where the clips are that are put aside, bool [n]: whole groups, about a fifth, labels in even shares.

    Args:
        labels, groups: of the clips, [n].
        sides: on how many the clips will lie in the end; each label needs a group for each of them.

    Raises:
        SplitError: there are labels with fewer groups.
    """
    require_groups(labels, groups, sides, "singer(s) or song(s) cannot be on {} sides")
    rng = np.random.default_rng(seed)
    folds = stratified_group_folds(labels, groups, min([FOLDS, *_groups(labels, groups).values()]), rng)
    parts = [folds == fold for fold in range(folds.max() + 1)]

    def worth(held: np.ndarray) -> tuple[int, int]:
        """Labels that the other sides can still have, and labels on this one: groups may hold several, or few."""
        left = _groups(labels[~held], groups[~held])
        return sum(count >= sides - 1 for count in left.values()), len(_groups(labels[held], groups[held]))

    best = max(worth(held) for held in parts)
    return rng.choice([held for held in parts if worth(held) == best])


def stratified_group_folds(labels: np.ndarray, groups: np.ndarray, folds: int, rng: np.random.Generator) -> np.ndarray:
    """The fold of every clip, int [n]: whole groups, labels in even shares.

    Raises:
        ValueError: no label has as many clips as there are folds.
    """
    # Its own shuffling loses the labels of the groups in scikit-learn 1.7; shuffled names have the same effect.
    names, places = np.unique(groups, return_inverse=True)
    shuffled = rng.permutation(len(names))[places]
    parts = np.zeros(len(labels), int)
    for fold, (_, held) in enumerate(StratifiedGroupKFold(folds).split(labels, labels, shuffled)):
        parts[held] = fold
    return parts


def _groups(labels: np.ndarray, groups: np.ndarray) -> dict[str, int]:
    """How many groups have clips of a label."""
    return {label: len(np.unique(groups[labels == label])) for label in np.unique(labels).tolist()}


def split_by_group(labels: np.ndarray, groups: np.ndarray, seed: int, test: np.ndarray | None = None) -> np.ndarray:
    """The side of every clip, strings [n]: no group is on two of them.

    Args:
        labels, groups: of the clips, [n]; if each clip is a group of its own, the split is at random.
        test: what is tested on, bool [n], if that is settled.

    Raises:
        SplitError: labels have too few groups, or none is left to learn from.
    """
    held = hold_out(labels, groups, seed, sides=3) if test is None else test
    sides = np.where(held, "test", "train").astype("U5")
    rest = np.flatnonzero(~held)
    sides[rest[hold_out(labels[rest], groups[rest], seed)]] = "val"
    missing = sorted(set(labels.tolist()) - set(labels[sides == "train"].tolist()))
    if missing:
        raise SplitError(f"Nothing would be left to learn {', '.join(missing)} from; add clips of other singers.")
    return sides


def competition_test_rows(count: int) -> np.ndarray:
    """Where system A's validation rows are among its recordings in the order of their numbers, bool [count].

    Three in ten at random, whoever sings: `train_test_split(..., test_size=0.3, random_state=8)`.

    Raises:
        SplitError: there are too few for both sides.
    """
    if count < 2:
        raise SplitError(f"{count} recording(s) cannot be split as in the competition; add some.")
    _, held = train_test_split(np.arange(count), test_size=0.3, random_state=8)
    return np.isin(np.arange(count), held)
