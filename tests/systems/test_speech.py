"""The speech systems with small random networks."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console
from torch import Tensor, nn

from gender_audio import report, synth, weights
from gender_audio.audio import Clip, Silent
from gender_audio.calibration import Calibration
from gender_audio.features.mfcc import Mfcc
from gender_audio.systems import speech
from gender_audio.systems.labels import SPEECH_MEL, SPEECH_MFCC
from gender_audio.systems.registry import SYSTEMS
from gender_audio.systems.speech import NO_PITCH, PAUSES, SpeechClassifier
from gender_audio.systems.speech_features import mfcc_features
from gender_audio.systems.speech_mel import MelSpeechClassifier
from gender_audio.systems.speech_mfcc import MfccSpeechClassifier
from tests.small_classifiers import mel_classifier, mfcc_classifier


class AlwaysFemale(nn.Module):
    """Predicts female for every image."""

    def forward(self, images: Tensor) -> Tensor:
        return torch.tensor([[0.0, 3.0]]).expand(len(images), 2)


@pytest.fixture(scope="module")
def song_clip() -> Clip:
    return synth.example("female-like")


@pytest.mark.parametrize(("make", "rows", "length_s"), [(mfcc_classifier, 12, 1.0), (mel_classifier, 128, 6.0)])
def test_verdict_is_consistent(make: type, rows: int, length_s: float, song_clip: Clip) -> None:
    classifier: SpeechClassifier = make()
    steps: list[float] = []
    verdict = classifier(song_clip, lambda share, _: steps.append(share))
    snippets = len(verdict.starts_s)
    assert verdict.snippet_probabilities.shape == (snippets, 2)
    assert verdict.member_probabilities.shape == (len(verdict.member_names), 2)
    np.testing.assert_allclose(verdict.snippet_probabilities.sum(1), 1, atol=1e-5)
    np.testing.assert_allclose(verdict.probabilities, verdict.snippet_probabilities.mean(0), atol=1e-6)
    assert verdict.ends_s[0] - verdict.starts_s[0] == pytest.approx(length_s)
    assert {feature.shape for feature in verdict.features} == {(rows, verdict.features[0].shape[1])}
    assert len(verdict.features) == snippets
    assert classifier.features.images(verdict.features).shape[:3] == (snippets, 1, rows)
    assert classifier.network in classifier.members.values()
    assert steps == sorted(steps)
    result = json.loads(json.dumps(report.as_dict("a.wav", verdict)))
    assert result["system"] == classifier.system.name
    assert set(result["probabilities"]) == {"male", "female"}
    assert result["pitch_hz"] == pytest.approx(verdict.pitch_hz, abs=0.1)


@pytest.mark.parametrize(
    ("make", "axis"), [(mfcc_classifier, "Cepstral coefficient"), (mel_classifier, "Frequency (Hz)")]
)
def test_explain_uses_the_axes_of_the_feature(make: type, axis: str, song_clip: Clip) -> None:
    classifier: SpeechClassifier = make()
    features = classifier(song_clip).features[0]
    evidence = classifier.explain(features, "female")
    assert evidence.map.shape == features.shape and 0 < evidence.map.max() <= 1 and evidence.map.min() >= 0
    assert evidence.axes.name == axis and len(evidence.axes.rows) == len(features)
    assert np.array_equal(
        evidence.map, classifier.explain(features, "female", "member-1" if make is mfcc_classifier else "transfer").map
    )


def test_titles_describe_voices() -> None:
    assert SYSTEMS["speech-mfcc"] is SPEECH_MFCC
    assert dict(SPEECH_MEL.titles) == {"male": "Male-like voice", "female": "Female-like voice"}


@pytest.mark.parametrize("make", [mfcc_classifier, mel_classifier])
def test_silence_is_rejected(make: type) -> None:
    with pytest.raises(Silent):
        make()(Clip(np.zeros((1, 40_000), np.float32), 16_000))


def test_silent_snippets_do_not_count(song_clip: Clip) -> None:
    classifier = MfccSpeechClassifier({"constant": AlwaysFemale()}, mfcc_features(Mfcc()), Calibration())
    gap = np.zeros((1, 4 * song_clip.rate), np.float32)
    verdict = classifier(Clip(np.concatenate([song_clip.mono(song_clip.rate)[None], gap], 1), song_clip.rate))
    assert PAUSES in verdict.warnings
    np.testing.assert_array_equal(verdict.snippet_probabilities[-1], [0.5, 0.5])
    assert verdict.snippet_labels[0] == "female" and verdict.snippet_labels[-1] is None
    assert verdict.member_labels == ["female"] and verdict.agreement == 1
    *_, last = verdict.segments
    assert last.label is None and last.end_s == pytest.approx(verdict.clip.duration_s, abs=0.5)
    assert report.as_dict("clip", verdict)["snippets"][-1]["label"] is None
    console = Console(file=io.StringIO(), width=80)
    report.show("clip", verdict, console)
    assert report.remark(verdict) in " ".join(console.file.getvalue().split())
    assert re.search(rf"- {report.clock(last.end_s)} +Silence *$", console.file.getvalue(), re.MULTILINE)
    assert verdict.probabilities[1] == pytest.approx(1 / (1 + np.exp(-3)), abs=1e-6)
    assert not verdict.uncertain


def test_sound_without_pitch_is_uncertain(monkeypatch: pytest.MonkeyPatch, song_clip: Clip) -> None:
    monkeypatch.setattr(speech, "median_pitch", lambda samples, rate: None)
    verdict = MfccSpeechClassifier({"constant": AlwaysFemale()}, mfcc_features(Mfcc()), Calibration())(song_clip)
    assert verdict.uncertain
    assert NO_PITCH in verdict.warnings


@pytest.mark.parametrize("make", [mfcc_classifier, mel_classifier])
def test_level_does_not_change_the_verdict(make: type, song_clip: Clip) -> None:
    classifier = make()
    quieter = classifier(Clip(song_clip.samples * np.float32(0.05), song_clip.rate))
    np.testing.assert_allclose(quieter.probabilities, classifier(song_clip).probabilities, atol=1e-3)


@settings(max_examples=8, deadline=None)
@given(
    rate=st.sampled_from([8_000, 16_000, 44_100, 48_000]),
    length_s=st.floats(0.5, 2.5),
    channels=st.integers(1, 2),
    seed=st.integers(0, 99),
)
def test_any_clip_has_a_verdict(rate: int, length_s: float, channels: int, seed: int) -> None:
    samples = np.random.default_rng(seed).standard_normal((channels, round(rate * length_s))).astype(np.float32)
    for classifier in (mfcc_classifier(), mel_classifier()):
        verdict = classifier(Clip(0.1 * samples, rate))
        assert np.isfinite(verdict.snippet_probabilities).all()
        assert verdict.probabilities.sum() == pytest.approx(1, abs=1e-5)
        assert verdict.ends_s[-1] == pytest.approx(length_s, abs=1e-3)


def test_images_scale_published_features() -> None:
    features = torch.full((2, 12, 98), 128.0)
    assert (mfcc_features(Mfcc("published")).images(features) == 2).all()
    assert (mfcc_features(Mfcc("sound")).images(features) == 128).all()


@pytest.mark.parametrize(
    ("system", "classifier"), [("speech-mfcc", MfccSpeechClassifier), ("speech-mel", MelSpeechClassifier)]
)
def test_load_rejects_weights_of_another_feature(
    system: str, classifier: type, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    feature = {"variant": "sound"} if system == "speech-mfcc" else {"variant": "corrected"}
    card = weights.Card(system, ("male", "female"), {}, feature, "another", ("speech",), {}, {}, "")
    weights.save({}, card, tmp_path)
    monkeypatch.setattr(weights, "card", lambda name: card)
    with pytest.raises(weights.WeightsError):
        classifier.load()
