"""Folds of singers and bags of remixes: held-out singers stay out."""

from __future__ import annotations

import numpy as np
import pytest

from gender_audio.systems.labels import SINGING
from train.data.folds import FOLDS, Bag, assign_folds, stratified_sample
from train.data.remix_cache import RemixFeatures

STRATA = {**{f"low-{n}": "male" for n in range(6)}, **{f"high-{n}": "female" for n in range(6)}}


def make_remixes(count: int = 600) -> RemixFeatures:
    """Remixes whose only feature is their number, with no singer, one or two."""
    names, rng = list(STRATA), np.random.default_rng(0)
    singers = np.array([(*rng.choice(names, row % 3, replace=False), "", "")[:2] for row in range(count)])
    labels = ["none" if not one else "multiple" if other else STRATA[one] for one, other in singers]
    features = np.arange(count, dtype=np.float16)[:, None, None, None]
    return RemixFeatures(features, np.array([SINGING.labels.index(label) for label in labels], np.uint8), singers)


def test_assign_folds_is_stratified() -> None:
    folds = assign_folds({**STRATA, "alone": "new male", "only": "new child"}, seed=3)
    assert folds.pop("alone") in range(FOLDS), "other strata have this voice, too"
    assert folds.pop("only") == -1
    assert folds == assign_folds(STRATA, seed=3)
    assert folds.keys() == STRATA.keys() and set(folds.values()) == set(range(FOLDS))
    for stratum in ("male", "female"):
        sizes = np.bincount([folds[singer] for singer in STRATA if STRATA[singer] == stratum])
        assert len(sizes) == FOLDS and sizes.max() - sizes.min() == 1
    assert assign_folds(STRATA, 3) == assign_folds(dict(reversed(STRATA.items())), 3) != assign_folds(STRATA, 4)


def test_bag_leaves_out_the_singers_of_its_fold() -> None:
    remixes, folds = make_remixes(), assign_folds(STRATA, 1)
    bags = [Bag(remixes, STRATA, 1, member) for member in range(2 * FOLDS)]
    for member, bag in enumerate(bags):
        singers = {name for name in remixes.singers[bag.rows].ravel() if name}
        assert singers == {singer for singer in STRATA if folds[singer] != member % FOLDS}
        assert np.bincount(remixes.labels[bag.rows]) == pytest.approx(np.bincount(remixes.labels), abs=50)
    assert (bags[0].rows != bags[FOLDS].rows).any(), "members of one fold still differ"
    assert sum(bag.held_out for bag in bags)[remixes.singers[:, 0] == "low-0"].max() == 2


def test_guessed_voices_count_half_and_are_never_held_out() -> None:
    remixes, guessed = make_remixes(6_000), {"low-0", "high-3"}
    bags = [Bag(remixes, STRATA, 1, member, guessed) for member in range(FOLDS)]
    rows = np.flatnonzero(bags[0].with_guessed)
    assert {bool(guessed & set(names)) for names in remixes.singers[rows].tolist()} == {True}
    for bag in bags:
        assert not bag.held_out[rows].any() and not bag.out_of_bag[rows].any()
    shares = []
    for bag in bags:
        usable = bag.known_singers.all(1) & (remixes.labels == SINGING.labels.index("multiple"))
        drawn = np.bincount(bag.rows, minlength=len(usable))
        shares.append(drawn[usable & bag.with_guessed].mean() / drawn[usable & ~bag.with_guessed].mean())
    assert np.mean(shares) == pytest.approx(0.5, abs=0.05)


def test_bag_shuffles_every_epoch() -> None:
    bag = Bag(make_remixes(), STRATA, 1, 0)
    passes = [[int(bag[600 * turn + number][0]) for number in range(600)] for turn in (0, 1)]
    assert sorted(passes[0]) == sorted(passes[1]) == sorted(bag.rows.tolist())
    assert passes[0] != passes[1]


def test_held_out_remixes_have_no_singer_of_the_bag() -> None:
    bag = Bag(make_remixes(), STRATA, 1, 0)
    for singers, held_out in zip(bag.remixes.singers, bag.held_out, strict=True):
        if any(singers):
            assert held_out == (not bag.singers & set(singers))
    silent = np.flatnonzero(bag.remixes.labels == 0)
    assert 0.2 < bag.held_out[silent].mean() < 0.5
    assert not bag.held_out[bag.rows].any()


def test_stratified_sample_keeps_label_frequencies() -> None:
    labels = np.repeat([0, 1, 2, 3], 25)
    drawn = stratified_sample(np.arange(90), labels, 40, np.random.default_rng(0))
    assert len(set(drawn)) == len(drawn) and (np.diff(drawn) > 0).all()
    assert np.bincount(labels[drawn]).tolist() == [10, 10, 10, 10]
    assert np.bincount(labels[stratified_sample(np.arange(3, 80), labels, 80, np.random.default_rng(0))]).tolist() == [
        20,
        20,
        20,
        5,
    ]


def test_held_out_sample_has_held_out_remixes_with_labels() -> None:
    bag = Bag(make_remixes(), STRATA, 1, 0)
    features, labels = bag.held_out_sample(40)
    rows = features.ravel().long().numpy()
    assert len(set(rows)) == len(labels) and 25 < len(labels) <= 40
    assert bag.held_out[rows].all()
    np.testing.assert_array_equal(labels, bag.remixes.labels[rows])
    assert len(bag.held_out_sample(10_000)[1]) == bag.held_out.sum()
