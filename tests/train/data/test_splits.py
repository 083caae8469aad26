"""Splits of clips and speakers are disjoint and complete, and system A's split is reproduced."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gender_audio.systems.labels import SINGING
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


def names(of: list[LabelledClip], splits: tuple[str, ...], split: str) -> set[str]:
    return {
        name for clip, clip_split in zip(of, splits, strict=True) if clip_split == split for name in clip.group_names
    }


@settings(max_examples=30, deadline=None)
@given(singers=SINGERS, seed=st.integers(0, 5))
def test_grouped_split_is_disjoint_by_singer(singers: list[tuple[str, int]], seed: int) -> None:
    sung = clips(singers)
    labels = {label for label, _ in singers}
    enough = all(sum(singer_label == label for singer_label, _ in singers) >= 3 for label in labels)
    if not enough:
        with pytest.raises(SplitError, match="cannot be in 3 splits"):
            assign_splits(sung, "grouped", seed)
        return
    splits = assign_splits(sung, "grouped", seed)
    assert len(splits) == len(sung) and set(splits) == set(SPLITS), "every clip is in exactly one split"
    for one, other in (("train", "val"), ("train", "test"), ("val", "test")):
        assert not names(sung, splits, one) & names(sung, splits, other)
    for split in SPLITS:
        assert {clip.label for clip, clip_split in zip(sung, splits, strict=True) if clip_split == split} == labels


@settings(max_examples=40, deadline=None)
@given(
    pairs=st.lists(
        st.tuples(st.integers(0, 9), st.integers(0, 9), st.sampled_from(SINGING.labels)), min_size=1, max_size=40
    ),
    split=st.sampled_from(["grouped", "random"]),
)
def test_grouped_split_keeps_duet_partners_together(pairs: list[tuple[int, int, str]], split: str) -> None:
    sung = [LabelledClip(Path(f"{n}.wav"), label, f"{one} & {other}") for n, (one, other, label) in enumerate(pairs)]
    try:
        splits = assign_splits(sung, split, 0)
    except SplitError:
        return
    assert len(splits) == len(sung) and set(splits) == set(SPLITS)
    assert {clip.label for clip in sung} == {
        clip.label for clip, split in zip(sung, splits, strict=True) if split == "train"
    }
    if split == "grouped":
        assert not names(sung, splits, "train") & (names(sung, splits, "val") | names(sung, splits, "test"))
        assert not names(sung, splits, "val") & names(sung, splits, "test")


def test_connected_groups_joins_indirect_links() -> None:
    groups = connected_groups([("a",), ("b", "c"), ("d",), ("c", "e"), ("e", "d"), ("f",)])
    assert len(set(groups.tolist())) == 3
    assert groups[1] == groups[2] == groups[3] == groups[4]


def test_hold_out_takes_a_fifth_of_each_label() -> None:
    labels = np.repeat(["male", "female"], [300, 100])
    held = hold_out(labels, np.arange(400) // 4, 0)
    assert [held[labels == label].mean() for label in ("male", "female")] == pytest.approx([0.2, 0.2], abs=0.02)


@pytest.mark.parametrize("seed", range(5))
def test_hold_out_prefers_groups_with_all_labels(seed: int) -> None:
    pairs = [("male", "male")] * 3 + [("female", "female")] * 3 + [("male", "female")] * 3
    labels = np.array([label for pair in pairs for label in pair])
    held = hold_out(labels, np.arange(18) // 2, seed, parts=3)
    assert set(labels[held]) == {"male", "female"}


def test_grouped_split_lists_all_labels_with_too_few_singers() -> None:
    sung = clips([("male", 3)] * 3 + [("female", 9)] * 2 + [("multiple", 4)])
    with pytest.raises(SplitError) as error:
        assign_splits(sung, "grouped", 0)
    assert [line.split(" cannot")[0] for line in str(error.value).splitlines()] == [
        "female: 2 singer(s) or song(s)",
        "multiple: 1 singer(s) or song(s)",
    ]


def test_split_by_group_rejects_label_without_training_clips() -> None:
    labels = np.array(["male"] * 4 + ["female"] * 4)
    with pytest.raises(SplitError, match="no training clips of female"):
        split_by_group(labels, np.arange(8), 0, test=labels == "female")


def test_random_split_shares_singers() -> None:
    sung = clips([(label, 10) for label in SINGING.labels for _ in range(3)])
    splits = assign_splits(sung, "random", 0)
    assert len(names(sung, splits, "train") & names(sung, splits, "test")) > 6


def test_competition_test_rows_match_system_a() -> None:
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
def test_competition_split_rejects_too_few_recordings(count: int) -> None:
    sung = [LabelledClip(Path(f"{n}.mp3"), SINGING.labels[n % 4]) for n in range(count)]
    with pytest.raises(SplitError, match=r"cannot be|There would be no training clips"):
        assign_splits(sung, "competition", seed=3)


def test_competition_split_tests_on_the_published_rows() -> None:
    sung = [LabelledClip(Path(f"{n}.mp3"), SINGING.labels[n % 4]) for n in range(200)]
    splits = np.array(assign_splits(sung, "competition", seed=3))
    np.testing.assert_array_equal(splits == "test", competition_test_rows(200))
    assert (splits == "val").sum() == pytest.approx(140 / 5, abs=3)


def test_given_split_is_kept_and_val_is_held_out() -> None:
    singers = [("male", 2), ("female", 2)] * 4
    sung = clips(singers, {number: "test" if number < 2 else "train" for number in range(8)})
    splits = assign_splits(sung, "given", 0)
    assert all((clip.split == "test") == (split == "test") for clip, split in zip(sung, splits, strict=True))
    assert not names(sung, splits, "val") & names(sung, splits, "train") and "val" in splits


def test_given_split_rejects_shared_singers_unless_leak() -> None:
    sung = clips([("male", 2)] * 4, {0: "train", 1: "train", 2: "val", 3: "test"})
    sung.append(LabelledClip(Path("more.wav"), "male", "singer 0", split="test"))
    with pytest.raises(LeakError, match="singer 0"):
        assign_splits(sung, "given", 0)
    assert assign_splits(sung, "given", 0, leak=True) == tuple(clip.split for clip in sung)


def test_given_split_rejects_missing_test_split() -> None:
    with pytest.raises(SplitError, match="No clips have the split test"):
        assign_splits(clips([("male", 1)] * 3, dict.fromkeys(range(3), "train")), "given", 0)


def test_require_disjoint_names_shared_speakers() -> None:
    require_disjoint({"train": ["a", "b"], "test": ["c"]})
    with pytest.raises(LeakError, match=r"1 speaker.*'test'.*'train'.*\(b\)"):
        require_disjoint({"train": ["a", "b"], "val": ["d"], "test": ["b", "c"]})


@settings(max_examples=25, deadline=None)
@given(males=st.integers(5, 30), females=st.integers(5, 12), seed=st.integers(0, 99))
def test_split_by_speaker_tests_every_speaker_once(males: int, females: int, seed: int) -> None:
    speakers = np.repeat([f"{n:02d}" for n in range(males + females)], 3)
    labels = np.repeat([0] * males + [1] * females, 3)
    seen = []
    for train, test in split_by_speaker(labels, speakers, 5, seed):
        assert not set(speakers[train]) & set(speakers[test])
        assert set(labels[test]) == set(labels[train]) == {0, 1}
        seen += test.tolist()
    assert sorted(seen) == list(range(len(labels)))


def test_split_by_file_leaks_speakers() -> None:
    labels, speakers = np.repeat([0, 1], 50), np.repeat(np.arange(10), 10).astype(str)
    train, test = split_by_file(labels, 0.2, 0)
    assert len(test) == 20
    with pytest.raises(LeakError):
        require_disjoint({"train": speakers[train], "test": speakers[test]})
