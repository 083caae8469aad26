"""Aggregation of snippet probabilities to those of the clip."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from gender_audio.systems.aggregation import mean_probabilities, song_probabilities, vote_shares

scores = arrays(np.float64, st.tuples(st.integers(1, 3), st.integers(1, 20), st.just(4)), elements=st.floats(0.01, 1))


@given(scores)
def test_song_probabilities_are_a_distribution(values: np.ndarray) -> None:
    clip = song_probabilities(values / values.sum(-1, keepdims=True))
    assert clip.shape == (len(values), 4)
    assert (clip >= 0).all()
    np.testing.assert_allclose(clip.sum(-1), 1)


@given(arrays(np.float64, (1, 4), elements=st.floats(0.01, 1)))
def test_single_snippet_is_unchanged(values: np.ndarray) -> None:
    snippet = values / values.sum()
    np.testing.assert_allclose(song_probabilities(snippet), snippet[0], atol=1e-9)


def test_introduction_does_not_hide_the_singer() -> None:
    silent, singer = [0.96, 0.01, 0.02, 0.01], [0.02, 0.02, 0.94, 0.02]
    assert song_probabilities(np.array([silent] * 12 + [singer] * 8)).argmax() == 2


def test_alternating_singers_are_multiple() -> None:
    male, female = [0.02, 0.92, 0.03, 0.03], [0.02, 0.03, 0.92, 0.03]
    assert song_probabilities(np.array([male] * 10 + [female] * 10)).argmax() == 3


def test_one_wrong_snippet_is_not_a_second_singer() -> None:
    male, wrong = [0.02, 0.92, 0.03, 0.03], [0.1, 0.2, 0.6, 0.1]
    assert song_probabilities(np.array([male] * 9 + [wrong])).argmax() == 1


def test_one_uncertain_snippet_is_not_a_singer() -> None:
    silent, doubtful = [0.97, 0.01, 0.01, 0.01], [0.4, 0.2, 0.2, 0.2]
    assert song_probabilities(np.array([silent] * 29 + [doubtful])).argmax() == 0


@given(arrays(np.float32, st.tuples(st.integers(1, 20), st.integers(2, 5)), elements=st.floats(0.0625, 1, width=32)))
def test_mean_and_vote_do_not_depend_on_length(values: np.ndarray) -> None:
    snippets = values / values.sum(-1, keepdims=True)
    for rule in (vote_shares, mean_probabilities):
        np.testing.assert_allclose(rule(snippets).sum(-1), 1, rtol=1e-5)
        np.testing.assert_allclose(rule(np.tile(snippets, (3, 1))), rule(snippets), rtol=1e-5)
    assert vote_shares(snippets)[0] == np.mean(snippets.argmax(1) == 0)
