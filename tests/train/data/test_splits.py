"""Splits of clips and speakers: nobody is on two sides, nothing is lost, and system A's own is met exactly."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gender_audio.systems.registry import SINGING
from train.data.labelled_clips import LabelledClip, assign_splits
from train.data.splits import (
    SPLITS,
    LeakError,
    SplitError,
    competition_test_rows,
    connected_groups,
    hold_out,
    require_disjoint,
    split_by_file,
    split_by_group,
    split_by_speaker,
)

SINGERS = st.lists(st.tuples(st.sampled_from(SINGING.labels), st.integers(1, 12)), min_size=1, max_size=30)
"""Label and number of clips of each singer."""


def clips(singers: list[tuple[str, int]], splits: dict[int, str] | None = None) -> list[LabelledClip]:
    return [
        LabelledClip(Path(f"{number}/{take}.wav"), label, f"singer {number}", split=(splits or {}).get(number, ""))
        for number, (label, takes) in enumerate(singers)
        for take in range(takes)
    ]


def names(of: list[LabelledClip], sides: tuple[str, ...], side: str) -> set[str]:
    return {name for clip, own in zip(of, sides, strict=True) if own == side for name in clip.group_names}


@settings(max_examples=30, deadline=None)
@given(singers=SINGERS, seed=st.integers(0, 5))
def test_no_singer_is_on_two_sides_whatever_the_counts(singers: list[tuple[str, int]], seed: int) -> None:
    sung = clips(singers)
    labels = {label for label, _ in singers}
    enough = all(sum(own == label for own, _ in singers) >= 3 for label in labels)
    if not enough:
        with pytest.raises(SplitError, match="cannot be on 3 sides"):
            assign_splits(sung, "grouped", seed)
        return
    sides = assign_splits(sung, "grouped", seed)
    assert len(sides) == len(sung) and set(sides) == set(SPLITS), "every clip on exactly one side"
    for one, other in (("train", "val"), ("train", "test"), ("val", "test")):
        assert not names(sung, sides, one) & names(sung, sides, other)
    for side in SPLITS:
        assert {clip.label for clip, own in zip(sung, sides, strict=True) if own == side} == labels


@settings(max_examples=40, deadline=None)
@given(
    pairs=st.lists(
        st.tuples(st.integers(0, 9), st.integers(0, 9), st.sampled_from(SINGING.labels)), min_size=1, max_size=40
    ),
    split=st.sampled_from(["grouped", "random"]),
)
def test_who_sings_together_stays_together(pairs: list[tuple[int, int, str]], split: str) -> None:
    sung = [LabelledClip(Path(f"{n}.wav"), label, f"{one} & {other}") for n, (one, other, label) in enumerate(pairs)]
    try:
        sides = assign_splits(sung, split, 0)
    except SplitError:
        return
    assert len(sides) == len(sung) and set(sides) == set(SPLITS)
    assert {clip.label for clip in sung} == {
        clip.label for clip, side in zip(sung, sides, strict=True) if side == "train"
    }
    if split == "grouped":
        assert not names(sung, sides, "train") & (names(sung, sides, "val") | names(sung, sides, "test"))
        assert not names(sung, sides, "val") & names(sung, sides, "test")


def test_groups_hang_together_by_way_of_others() -> None:
    found = connected_groups([("a",), ("b", "c"), ("d",), ("c", "e"), ("e", "d"), ("f",)])
    assert len(set(found.tolist())) == 3
    assert found[1] == found[2] == found[3] == found[4]


def test_about_a_fifth_is_put_aside_in_even_shares() -> None:
    labels = np.repeat(["male", "female"], [300, 100])
    held = hold_out(labels, np.arange(400) // 4, 0)
    assert [held[labels == label].mean() for label in ("male", "female")] == pytest.approx([0.2, 0.2], abs=0.02)


@pytest.mark.parametrize("seed", range(5))
def test_pairs_with_every_label_are_put_aside_before_others(seed: int) -> None:
    pairs = [("male", "male")] * 3 + [("female", "female")] * 3 + [("male", "female")] * 3
    labels = np.array([label for pair in pairs for label in pair])
    held = hold_out(labels, np.arange(18) // 2, seed, sides=3)
    assert set(labels[held]) == {"male", "female"}


def test_too_few_singers_are_named_for_every_label_at_once() -> None:
    sung = clips([("male", 3)] * 3 + [("female", 9)] * 2 + [("multiple", 4)])
    with pytest.raises(SplitError) as refused:
        assign_splits(sung, "grouped", 0)
    assert [line.split(" cannot")[0] for line in str(refused.value).splitlines()] == [
        "female: 2 singer(s) or song(s)",
        "multiple: 1 singer(s) or song(s)",
    ]


def test_nothing_to_learn_a_label_from_is_refused() -> None:
    labels = np.array(["male"] * 4 + ["female"] * 4)
    with pytest.raises(SplitError, match="learn female"):
        split_by_group(labels, np.arange(8), 0, test=labels == "female")


def test_a_split_at_random_shares_singers() -> None:
    sung = clips([(label, 10) for label in SINGING.labels for _ in range(3)])
    sides = assign_splits(sung, "random", 0)
    assert len(names(sung, sides, "train") & names(sung, sides, "test")) > 6


def test_the_published_split_is_system_a_s_own() -> None:
    held = competition_test_rows(11_886)
    assert (held.sum(), (~held).sum()) == (3_566, 8_320)
    assert held[[7027, 6214, 8440, 11086, 1724, 5974, 5830, 902]].all()
    assert not held[[7277, 10312, 7586, 8035, 9766, 2968, 10413, 10178]].any()
    shuffled = np.random.RandomState(8).permutation(11_886)
    np.testing.assert_array_equal(np.flatnonzero(held), np.sort(shuffled[:3_566]))
    assert (
        np.flatnonzero(competition_test_rows(10)).tolist()
        == np.sort(np.random.RandomState(8).permutation(10)[:3]).tolist()
    )


@pytest.mark.parametrize("count", range(1, 9))
def test_too_few_recordings_for_the_competition_s_split_are_refused(count: int) -> None:
    sung = [LabelledClip(Path(f"{n}.mp3"), SINGING.labels[n % 4]) for n in range(count)]
    with pytest.raises(SplitError, match=r"cannot be|Nothing would be left"):
        assign_splits(sung, "competition", seed=3)


def test_the_competition_s_test_side_is_the_published_one() -> None:
    sung = [LabelledClip(Path(f"{n}.mp3"), SINGING.labels[n % 4]) for n in range(200)]
    sides = np.array(assign_splits(sung, "competition", seed=3))
    np.testing.assert_array_equal(sides == "test", competition_test_rows(200))
    assert (sides == "val").sum() == pytest.approx(140 / 5, abs=3)


def test_a_given_split_is_kept_and_gets_a_validation_side() -> None:
    singers = [("male", 2), ("female", 2)] * 4
    sung = clips(singers, {number: "test" if number < 2 else "train" for number in range(8)})
    sides = assign_splits(sung, "given", 0)
    assert all((clip.split == "test") == (side == "test") for clip, side in zip(sung, sides, strict=True))
    assert not names(sung, sides, "val") & names(sung, sides, "train") and "val" in sides


def test_a_given_split_that_leaks_is_refused_unless_told() -> None:
    sung = clips([("male", 2)] * 4, {0: "train", 1: "train", 2: "val", 3: "test"})
    sung.append(LabelledClip(Path("more.wav"), "male", "singer 0", split="test"))
    with pytest.raises(LeakError, match="singer 0"):
        assign_splits(sung, "given", 0)
    assert assign_splits(sung, "given", 0, leak=True) == tuple(clip.split for clip in sung)


def test_a_given_split_without_a_test_side_is_refused() -> None:
    with pytest.raises(SplitError, match="No clips are given to test"):
        assign_splits(clips([("male", 1)] * 3, dict.fromkeys(range(3), "train")), "given", 0)


def test_a_shared_speaker_is_refused_by_name() -> None:
    require_disjoint({"train": ["a", "b"], "test": ["c"]})
    with pytest.raises(LeakError, match=r"1 speaker.*'test'.*'train'.*\(b\)"):
        require_disjoint({"train": ["a", "b"], "val": ["d"], "test": ["b", "c"]})


@settings(max_examples=25, deadline=None)
@given(males=st.integers(5, 30), females=st.integers(5, 12), seed=st.integers(0, 99))
def test_folds_hold_every_speaker_once_and_both_classes(males: int, females: int, seed: int) -> None:
    speakers = np.repeat([f"{n:02d}" for n in range(males + females)], 3)
    labels = np.repeat([0] * males + [1] * females, 3)
    seen = []
    for train, test in split_by_speaker(labels, speakers, 5, seed):
        assert not set(speakers[train]) & set(speakers[test])
        assert set(labels[test]) == set(labels[train]) == {0, 1}
        seen += test.tolist()
    assert sorted(seen) == list(range(len(labels)))


def test_a_split_by_file_leaks_which_is_the_point() -> None:
    labels, speakers = np.repeat([0, 1], 50), np.repeat(np.arange(10), 10).astype(str)
    train, test = split_by_file(labels, 0.2, 0)
    assert len(test) == 20
    with pytest.raises(LeakError):
        require_disjoint({"train": speakers[train], "test": speakers[test]})
