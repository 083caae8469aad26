"""The timeline: decoding, features, segments and shares."""

from __future__ import annotations

from itertools import pairwise, product
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from torch import nn

from gender_audio import audio
from gender_audio.audio import Clip
from gender_audio.calibration import Calibration
from gender_audio.separation import Stems
from gender_audio.systems.labels import SINGING
from gender_audio.systems.published.fireredvad import FireRedEvents
from gender_audio.systems.singing import SingingClassifier
from gender_audio.systems.timeline import (
    FEATURES,
    STEP_S,
    Timeline,
    TimelineDecoder,
    TimelineModel,
    likeliest_path,
    posteriors,
    snippet_evidence,
    stem_levels,
)

RATE = 16_000
scores = st.floats(-5, 5, width=32)


def path_score(path: tuple[int, ...], emissions: np.ndarray, transitions: np.ndarray) -> float:
    """The sum of the emissions and transitions of a path."""
    steps = sum(emissions[step, state] for step, state in enumerate(path))
    return float(steps + sum(transitions[left, right] for left, right in pairwise(path)))


@given(arrays(np.float64, (4, 3), elements=scores), arrays(np.float64, (3, 3), elements=scores))
def test_path_and_posteriors_equal_those_of_all_paths(emissions: np.ndarray, transitions: np.ndarray) -> None:
    paths = list(product(range(3), repeat=4))
    values = np.array([path_score(path, emissions, transitions) for path in paths])
    found = path_score(tuple(likeliest_path(emissions, transitions)), emissions, transitions)
    assert found == pytest.approx(values.max())
    share = np.exp(values - values.max())
    expected = [[share[[path[t] == k for path in paths]].sum() for k in range(3)] for t in range(4)]
    np.testing.assert_allclose(posteriors(emissions, transitions), np.array(expected) / share.sum(), atol=1e-9)


@given(st.lists(st.integers(0, 3), min_size=1, max_size=60), st.floats(0, 0.09))
def test_segments_have_no_gaps_and_end_with_the_clip(labels: list[int], missing_s: float) -> None:
    timeline = Timeline(np.full((len(labels), 4), 0.25, np.float32), np.array(labels))
    duration_s = len(labels) * STEP_S - missing_s
    segments = timeline.segments(duration_s)
    assert segments[0].start_s == 0 and segments[-1].end_s == duration_s
    for left, right in pairwise(segments):
        assert left.end_s == right.start_s and left.label != right.label
    assert {segment.label for segment in segments} == {SINGING.labels[label] for label in labels}
    assert all(segment.probability == pytest.approx(0.25) for segment in segments)


def test_evidence_is_that_of_the_snippets_around_a_step() -> None:
    snippets = np.float32([[0.97, 0.01, 0.01, 0.01], [0.01, 0.97, 0.01, 0.01], [0.01, 0.01, 0.01, 0.97]])
    starts_s = np.array([0.0, 3.0, 6.0])
    evidence = np.exp(snippet_evidence(starts_s, starts_s + 3, snippets, 90))
    assert evidence.shape == (90, 20)
    np.testing.assert_allclose(evidence[[15, 45, 75], :4], snippets, atol=1e-3)
    np.testing.assert_allclose(evidence[45, 4:8], snippets[1], atol=1e-6)
    assert evidence[0, 16:] == pytest.approx(snippets.mean(0), rel=1e-5)


def test_levels_follow_the_vocals() -> None:
    vocals = np.random.default_rng(0).normal(0, 0.1, (1, 4 * RATE)).astype(np.float32)
    vocals[:, 2 * RATE :] /= 10
    rest = np.full_like(vocals, 0.1)
    levels = stem_levels(Stems(vocals, Clip(vocals + rest, RATE), RATE))
    assert levels.shape == (40, 2)
    assert levels[:20].mean(0) == pytest.approx([0, 0], abs=0.15)
    assert levels[20:].mean(0) == pytest.approx([-2, -2], abs=0.15)


def test_voice_is_the_same_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    samples = np.random.default_rng(0).normal(0, 0.1, 5 * RATE).astype(np.float32)
    events = FireRedEvents.load()
    whole = events.voice(samples)
    assert len(whole) == pytest.approx(5 / events.hop_s, abs=2)
    monkeypatch.setattr("gender_audio.systems.published.fireredvad.PIECE_S", 2)
    pieces = events.voice(samples)
    assert len(pieces) == len(whole)
    np.testing.assert_allclose(pieces[:30], whole[:30], atol=1e-3)  # the network hears 160 frames ahead


@pytest.mark.parametrize("samples", [8_000, 16_123, 100_000])
def test_features_of_every_length(samples: int) -> None:
    sound = np.random.default_rng(samples).normal(0, 0.1, (1, samples)).astype(np.float32)
    model = TimelineModel(FireRedEvents.load(), TimelineDecoder(), nn.ModuleList(), Calibration())
    snippets = np.full((1, 4), 0.25, np.float32)
    stems = Stems(sound, Clip(sound, RATE), RATE)
    features = model.features(np.zeros(1), np.array([samples / RATE]), snippets, stems)
    assert features.shape == (-(-samples // 1_600), FEATURES)
    assert np.isfinite(features).all()


def test_verdict_has_the_segments_of_its_timeline(
    singing_classifier: SingingClassifier, song: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    decoder = TimelineDecoder()
    torch.nn.init.zeros_(decoder.frames.weight)
    decoder.frames.bias.data = torch.tensor([0.0, 5.0, 0.0, 0.0])
    monkeypatch.setattr(
        singing_classifier, "timeline", TimelineModel(FireRedEvents.load(), decoder, nn.ModuleList(), Calibration())
    )
    verdict = singing_classifier(audio.read(song))
    assert [segment.label for segment in verdict.segments] == ["male"]
    assert verdict.shares == pytest.approx({"none": 0, "male": 1, "female": 0, "multiple": 0})
    assert verdict.segments[0].end_s == verdict.clip.duration_s
