"""Train, validation and test splits that share no singer, speaker or artist."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold, train_test_split

SPLITS = ("train", "val", "test")
SPLIT_METHODS = ("given", "grouped", "random", "competition")
"""How `labelled_clips.assign_splits` can split clips."""
FOLDS = 5
"""One of this many folds is held out, if there are enough groups."""


class SplitError(ValueError):
    """The data cannot be split as requested. The text lists every reason, one per line."""


class LeakError(SplitError):
    """The same speakers, singers or artists are in more than one split."""


def require_disjoint(splits: Mapping[str, Iterable[str]], entity: str = "speaker") -> None:
    """Check that no name is in two splits.

    Args:
        splits: split to names of speakers, singers or artists.
        entity: what these are, for the message.

    Raises:
        LeakError: some are; the text says which splits share them and gives examples.
    """
    seen: dict[str, str] = {}
    for split, names in splits.items():
        shared = sorted(name for name in set(names) if name in seen)
        if shared:
            examples = ", ".join(shared[:3]) + (" ..." if len(shared) > 3 else "")
            raise LeakError(
                f"{len(shared)} {entity}(s) of {split!r} are in {seen[shared[0]]!r} too ({examples}). The result would "
                f"overestimate accuracy on new {entity}s. Split by {entity}, or "
                "allow the leak to measure the difference."
            )
        seen |= dict.fromkeys(names, split)


def require_groups(
    labels: np.ndarray, groups: np.ndarray, parts: int, problem: str = "speaker(s) cannot be split into {} folds"
) -> None:
    """Check that each label has at least one group for each part.

    Args:
        labels, groups: of the rows, strings [n].
        parts: number of parts.
        problem: end of the message after the number of groups; `{}` is replaced by `parts`.

    Raises:
        SplitError: some labels have fewer groups.
    """
    few = {label: count for label, count in _group_counts(labels, groups).items() if count < parts}
    if few:
        lines = (f"{label}: {count} {problem.format(parts)}. Add more." for label, count in few.items())
        raise SplitError("\n".join(lines))


def split_by_file(labels: np.ndarray, share: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Row numbers of train and test. Files are drawn at random within each label, so speakers leak."""
    train, test = train_test_split(np.arange(len(labels)), test_size=share, random_state=seed, stratify=labels)
    return train, test


def split_by_speaker(
    labels: np.ndarray, speakers: np.ndarray, folds: int, seed: int
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Row numbers of train and test for each fold of speakers, stratified by label."""
    names, first = np.unique(speakers, return_index=True)
    for _, fold in StratifiedKFold(folds, shuffle=True, random_state=seed).split(names, labels[first]):
        test = np.isin(speakers, names[fold])
        require_disjoint({"train": speakers[~test], "test": speakers[test]})
        yield np.flatnonzero(~test), np.flatnonzero(test)


def connected_groups(names: Iterable[Iterable[str]]) -> np.ndarray:
    """Group numbers of clips, int [n]. Clips that share a name, directly or through other clips, share a group."""
    names_by_clip = [list(clip_names) for clip_names in names]
    clips = [number for number, clip_names in enumerate(names_by_clip) for _ in clip_names]
    _, places = np.unique([name for clip_names in names_by_clip for name in clip_names], return_inverse=True)
    size = len(names_by_clip) + len(clips)
    graph = coo_matrix((np.ones(len(clips)), (clips, len(names_by_clip) + places)), shape=(size, size))
    return connected_components(graph, directed=False)[1][: len(names_by_clip)]


def hold_out(labels: np.ndarray, groups: np.ndarray, seed: int, parts: int = 2) -> np.ndarray:
    """Mask of held-out clips, bool [n]: whole groups, about a fifth of the clips, stratified by label.

    Args:
        labels, groups: of the clips, [n].
        parts: number of splits that there will be in the end. Each label needs a group for each of them.

    Raises:
        SplitError: some labels have too few groups.
    """
    require_groups(labels, groups, parts, "singer(s) or song(s) cannot be in {} splits")
    rng = np.random.default_rng(seed)
    count = min([FOLDS, *_group_counts(labels, groups).values()])
    folds = stratified_group_folds(labels, groups, count, rng)
    masks = [folds == fold for fold in range(folds.max() + 1)]

    def coverage(held: np.ndarray) -> tuple[int, int]:
        """Labels that are left for all other splits, and labels in this one: a group can have several labels."""
        left = _group_counts(labels[~held], groups[~held])
        return sum(count >= parts - 1 for count in left.values()), len(_group_counts(labels[held], groups[held]))

    best = max(coverage(held) for held in masks)
    return rng.choice([held for held in masks if coverage(held) == best])


def stratified_group_folds(labels: np.ndarray, groups: np.ndarray, folds: int, rng: np.random.Generator) -> np.ndarray:
    """The fold of every clip, int [n]. Groups stay whole, and labels are spread evenly.

    Raises:
        ValueError: no label has as many clips as there are folds.
    """
    # With shuffle=True, scikit-learn 1.7 loses the labels of the groups. Shuffled group numbers have the same effect.
    names, places = np.unique(groups, return_inverse=True)
    shuffled = rng.permutation(len(names))[places]
    result = np.zeros(len(labels), int)
    for fold, (_, rows) in enumerate(StratifiedGroupKFold(folds).split(labels, labels, shuffled)):
        result[rows] = fold
    return result


def _group_counts(labels: np.ndarray, groups: np.ndarray) -> dict[str, int]:
    """Label to number of groups."""
    return {label: len(np.unique(groups[labels == label])) for label in np.unique(labels).tolist()}


def split_by_group(labels: np.ndarray, groups: np.ndarray, seed: int, test: np.ndarray | None = None) -> np.ndarray:
    """The split of every clip, strings [n]. Every group is in one split.

    Args:
        labels, groups: of the clips, [n]. If each clip is a group of its own, the split is random.
        test: mask of the test clips, bool [n], if they are fixed.

    Raises:
        SplitError: labels have too few groups, or a label has no training clips.
    """
    held = hold_out(labels, groups, seed, parts=3) if test is None else test
    splits = np.where(held, "test", "train").astype("U5")
    rest = np.flatnonzero(~held)
    splits[rest[hold_out(labels[rest], groups[rest], seed)]] = "val"
    missing = sorted(set(labels.tolist()) - set(labels[splits == "train"].tolist()))
    if missing:
        raise SplitError(f"There would be no training clips of {', '.join(missing)}. Add clips of other singers.")
    return splits


def competition_test_rows(count: int) -> np.ndarray:
    """Mask of system A's validation rows among its recordings in numerical order, bool [count].

    They are a random 30 %, without regard to singers: `train_test_split(..., test_size=0.3, random_state=8)`.

    Raises:
        SplitError: there are fewer than two recordings.
    """
    if count < 2:
        raise SplitError(f"{count} recording(s) cannot be split as in the competition. Add more.")
    _, test = train_test_split(np.arange(count), test_size=0.3, random_state=8)
    return np.isin(np.arange(count), test)
