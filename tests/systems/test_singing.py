"""The singing system with a small random ensemble."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gender_audio import separation, weights
from gender_audio.audio import Clip
from gender_audio.models.resnet import ResNet34
from gender_audio.separation import Mixture, SeparationError
from gender_audio.systems.combination import Combination
from gender_audio.systems.ensemble import Ensemble
from gender_audio.systems.labels import SINGING
from gender_audio.systems.singing import NOT_COMBINED, NOT_SEPARATED, OTHER_SEPARATOR, SHORT, SingingClassifier
from gender_audio.systems.singing_features import SingingFeatures
from gender_audio.systems.timeline import TimelineModel
from tests import small_classifiers


def noise(seconds: float, rate: int = 16_000, channels: int = 1, seed: int = 0, level: float = 0.1) -> Clip:
    shape = (channels, round(seconds * rate))
    return Clip(np.random.default_rng(seed).standard_normal(shape).astype(np.float32) * level, rate)


def test_verdict_is_consistent(singing_classifier: SingingClassifier) -> None:
    steps: list[tuple[float, str]] = []
    verdict = singing_classifier(noise(5.5), lambda share, step: steps.append((share, step)))
    assert verdict.starts_s.tolist() == [0, 1, 2, 2.5]
    assert verdict.ends_s.tolist() == [3, 4, 5, 5.5]
    assert verdict.snippet_probabilities.shape == (4, 4)
    assert verdict.features.shape == (4, 2, 299, 40)
    assert verdict.member_probabilities.shape == (3, 4)
    assert verdict.label == SINGING.labels[verdict.probabilities.argmax()]
    assert verdict.agreement == verdict.member_labels.count(verdict.label)
    assert verdict.uncertain == (verdict.probabilities.max() < 0.4)
    assert steps[0] == (0.0, "Separating the vocals")
    assert steps[-1][0] == 1.0
    assert [share for share, _ in steps] == sorted(share for share, _ in steps)


def test_published_networks_answer_and_change_the_verdict(
    singing_classifier: SingingClassifier, singing_features: SingingFeatures, ensemble: Ensemble
) -> None:
    clip = noise(5.5, rate=44_100)
    verdict = singing_classifier(clip)
    assert [answer.name for answer in verdict.published] == ["slow", "fast"]
    for answer in verdict.published:
        assert answer.probabilities.sum() == pytest.approx(1, abs=1e-5)
    fields = verdict.extra_fields
    assert [answer["title"] for answer in fields["published"]] == ["Slow (published)", "Fast (published)"]
    assert sum(fields["ensemble"].values()) == pytest.approx(1, abs=1e-5)
    alone = SingingClassifier(Mixture(), singing_features, ensemble, singing_classifier.calibration)(clip)
    assert alone.published == ()
    np.testing.assert_allclose(alone.probabilities, verdict.ensemble_probabilities, atol=1e-6)
    assert np.abs(alone.probabilities - verdict.probabilities).max() > 0.01


def test_members_that_the_combination_does_not_know_are_noted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(separation, "load", lambda _: Mixture())
    monkeypatch.setattr(Combination, "load", lambda: None)
    assert NOT_COMBINED in SingingClassifier.load("none", members=1).notes


def test_short_clip_is_one_snippet(singing_classifier: SingingClassifier) -> None:
    verdict = singing_classifier(noise(0.5))
    assert verdict.starts_s.tolist() == [0]
    assert verdict.ends_s.tolist() == [0.5]
    assert verdict.uncertain and SHORT in verdict.notes


def test_clip_of_three_seconds_is_not_short(singing_classifier: SingingClassifier) -> None:
    assert SHORT in singing_classifier(noise(2.9)).notes
    assert SHORT not in singing_classifier(noise(3.0)).notes


@settings(max_examples=15, deadline=None)
@given(
    seconds=st.floats(0.5, 6),
    rate=st.sampled_from([4000, 8000, 16_000, 22_050, 44_100, 48_000, 192_000]),
    channels=st.integers(1, 3),
    level=st.sampled_from([0.0, 1e-4, 0.1, 1.0]),
)
def test_probabilities_of_any_clip_are_finite(
    singing_classifier: SingingClassifier, seconds: float, rate: int, channels: int, level: float
) -> None:
    clip = noise(seconds, rate, channels, level=level)
    verdict = singing_classifier(clip)
    for probabilities in (verdict.snippet_probabilities, verdict.member_probabilities, verdict.probabilities):
        assert np.isfinite(probabilities).all()
        np.testing.assert_allclose(probabilities.sum(-1), 1, atol=1e-5)
    np.testing.assert_array_equal(verdict.probabilities, singing_classifier(clip).probabilities)


@pytest.mark.parametrize(
    ("separator", "trained_with", "inputs", "note"),
    [
        ("unet", "unet", ("vocals",), ()),
        ("none", "unet", ("vocals",), (NOT_SEPARATED,)),
        ("unet", "spleeter", ("vocals", "mixture"), (OTHER_SEPARATOR,)),
        ("spleeter", "unet", ("vocals",), (OTHER_SEPARATOR,)),
        ("spleeter", "spleeter", ("vocals",), ()),
        ("unet", "none", ("mixture",), ()),
    ],
)
def test_another_separator_than_in_training_is_noted(
    monkeypatch: pytest.MonkeyPatch,
    separator: str,
    trained_with: str,
    inputs: tuple[str, ...],
    note: tuple[str, ...],
) -> None:
    card = replace(weights.card("singing"), inputs=inputs, separator=trained_with)
    monkeypatch.setattr(weights, "card", lambda _: card)
    monkeypatch.setattr(separation, "separator_fingerprint", lambda name: name)
    monkeypatch.setattr(separation, "load", lambda _: Mixture())
    monkeypatch.setattr(Ensemble, "load", lambda _: Ensemble([ResNet34(channels=len(inputs), width=4)]))
    monkeypatch.setattr(Combination, "load", small_classifiers.combination)
    monkeypatch.setattr(TimelineModel, "load", lambda: None)
    assert SingingClassifier.load(separator)(noise(3)).notes == note


def test_with_separator_keeps_the_ensemble(
    singing_classifier: SingingClassifier, ensemble: Ensemble, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(separation, "load", lambda _: Mixture())
    other = singing_classifier.with_separator("none")
    assert other.ensemble is ensemble
    assert other(noise(3)).notes == (NOT_SEPARATED,)
    assert not singing_classifier(noise(3)).notes


def test_with_separator_needs_an_installed_one(
    singing_classifier: SingingClassifier, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    with pytest.raises(SeparationError, match="not installed"):
        singing_classifier.with_separator("spleeter-package")


@pytest.mark.parametrize("gain", [0.03, 0.3, 3.0])
def test_level_does_not_change_the_verdict(singing_classifier: SingingClassifier, gain: float) -> None:
    clip = noise(4)
    louder = singing_classifier(Clip(clip.samples * np.float32(gain), clip.rate))
    np.testing.assert_allclose(louder.probabilities, singing_classifier(clip).probabilities, atol=1e-3)
