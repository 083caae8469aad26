"""The speech systems with small networks."""

from __future__ import annotations

import io
import json
import re
import time
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console
from torch import Tensor, nn
from typer.testing import CliRunner

from gender_audio import cli, report, synth, weights
from gender_audio.audio import Clip, Silent, microphone, write
from gender_audio.audio.microphone import Microphone
from gender_audio.calibration import Calibration
from gender_audio.features.mel_image import MelImage
from gender_audio.features.mfcc import Mfcc
from gender_audio.models.resnet import ResNet34
from gender_audio.systems import speech
from gender_audio.systems.labels import SPEECH_MEL, SPEECH_MFCC
from gender_audio.systems.registry import SYSTEMS
from gender_audio.systems.speech import NO_PITCH, PAUSES, SpeechClassifier
from gender_audio.systems.speech_features import mel_features, mfcc_features
from gender_audio.systems.speech_mel import MODELS, MelSpeechClassifier
from gender_audio.systems.speech_mfcc import MfccSpeechClassifier


class AlwaysFemale(nn.Module):
    """Predicts female for every image."""

    def forward(self, images: Tensor) -> Tensor:
        return torch.tensor([[0.0, 3.0]]).expand(len(images), 2)


def mfcc_classifier() -> MfccSpeechClassifier:
    torch.manual_seed(0)
    members = {f"member-{number}": ResNet34(1, 4, 2) for number in (1, 2)}
    return MfccSpeechClassifier(members, mfcc_features(Mfcc()), Calibration(1.5, 0.4))


def mel_classifier() -> MelSpeechClassifier:
    torch.manual_seed(0)
    arguments = {"svm": {}, "small": {"channels": 1}, "larger": {"width": 4}, "transfer": {"width": 4, "classes": 2}}
    return MelSpeechClassifier(
        {name: MODELS[name](**arguments[name]) for name in MODELS}, mel_features(MelImage()), Calibration(1.5, 0.4)
    )


@pytest.fixture(scope="module")
def sung() -> Clip:
    return synth.example("female-like")


@pytest.mark.parametrize(("make", "rows", "length_s"), [(mfcc_classifier, 12, 1.0), (mel_classifier, 128, 6.0)])
def test_verdict_is_consistent(make: type, rows: int, length_s: float, sung: Clip) -> None:
    classifier: SpeechClassifier = make()
    steps: list[float] = []
    verdict = classifier(sung, lambda share, _: steps.append(share))
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
    found = json.loads(json.dumps(report.as_dict("a.wav", verdict)))
    assert found["system"] == classifier.system.name
    assert set(found["probabilities"]) == {"male", "female"}
    assert found["pitch_hz"] == pytest.approx(verdict.pitch_hz, abs=0.1)


@pytest.mark.parametrize(
    ("make", "axis"), [(mfcc_classifier, "Cepstral coefficient"), (mel_classifier, "Frequency (Hz)")]
)
def test_explain_uses_the_axes_of_the_feature(make: type, axis: str, sung: Clip) -> None:
    classifier: SpeechClassifier = make()
    seen = classifier(sung).features[0]
    found = classifier.explain(seen, "female")
    assert found.map.shape == seen.shape and 0 < found.map.max() <= 1 and found.map.min() >= 0
    assert found.axes.name == axis and len(found.axes.rows) == len(seen)
    assert np.array_equal(
        found.map, classifier.explain(seen, "female", "member-1" if make is mfcc_classifier else "transfer").map
    )


def test_titles_describe_voices() -> None:
    assert SYSTEMS["speech-mfcc"] is SPEECH_MFCC
    assert dict(SPEECH_MEL.titles) == {"male": "Male-like voice", "female": "Female-like voice"}


@pytest.mark.parametrize("make", [mfcc_classifier, mel_classifier])
def test_silence_is_rejected(make: type) -> None:
    with pytest.raises(Silent):
        make()(Clip(np.zeros((1, 40_000), np.float32), 16_000))


def test_silent_snippets_do_not_count(sung: Clip) -> None:
    classifier = MfccSpeechClassifier({"constant": AlwaysFemale()}, mfcc_features(Mfcc()), Calibration())
    gap = np.zeros((1, 4 * sung.rate), np.float32)
    verdict = classifier(Clip(np.concatenate([sung.mono(sung.rate)[None], gap], 1), sung.rate))
    assert PAUSES in verdict.warnings
    np.testing.assert_array_equal(verdict.snippet_probabilities[-1], [0.5, 0.5])
    assert verdict.snippet_labels[0] == "female" and verdict.snippet_labels[-1] is None
    assert verdict.member_labels == ["female"] and verdict.agreement == 1
    *_, last = report.segments(verdict)
    assert last.label is None and last.end_s == pytest.approx(verdict.clip.duration_s, abs=0.5)
    assert report.as_dict("clip", verdict)["snippets"][-1]["label"] is None
    console = Console(file=io.StringIO(), width=80)
    report.show("clip", verdict, console)
    assert report.remark(verdict) in " ".join(console.file.getvalue().split())
    assert re.search(rf"- {report.clock(last.end_s)} +Silence *$", console.file.getvalue(), re.MULTILINE)
    assert verdict.probabilities[1] == pytest.approx(1 / (1 + np.exp(-3)), abs=1e-6)
    assert not verdict.uncertain


def test_sound_without_pitch_is_uncertain(monkeypatch: pytest.MonkeyPatch, sung: Clip) -> None:
    monkeypatch.setattr(speech, "median_pitch", lambda samples, rate: None)
    verdict = MfccSpeechClassifier({"constant": AlwaysFemale()}, mfcc_features(Mfcc()), Calibration())(sung)
    assert verdict.uncertain
    assert NO_PITCH in verdict.warnings


@pytest.mark.parametrize("make", [mfcc_classifier, mel_classifier])
def test_level_does_not_change_the_verdict(make: type, sung: Clip) -> None:
    classifier = make()
    quieter = classifier(Clip(sung.samples * np.float32(0.05), sung.rate))
    np.testing.assert_allclose(quieter.probabilities, classifier(sung).probabilities, atol=1e-3)


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


@pytest.fixture
def loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(MfccSpeechClassifier, "load", mfcc_classifier)
    monkeypatch.setattr(MelSpeechClassifier, "load", mel_classifier)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Two seconds of a buzz at 120 Hz."""
    time = np.arange(32_000) / 16_000
    write(tmp_path / "buzz.wav", sum(np.sin(2 * np.pi * 120 * k * time) / (10 * k) for k in range(1, 8)), 16_000)
    return tmp_path / "buzz.wav"


@pytest.mark.usefixtures("loaded")
@pytest.mark.parametrize(("system", "voters"), [("speech-mfcc", "2 members"), ("speech-mel", "4 models")])
def test_the_command_line_asks_the_system_that_is_named(system: str, voters: str, file: Path) -> None:
    found = CliRunner().invoke(cli.app, ["classify", str(file), "--system", system, "--json"])
    assert found.exit_code == 0
    (only,) = json.loads(found.stdout)
    assert only["system"] == system
    assert only["label"] in ("male", "female")
    assert only["pitch_hz"] == pytest.approx(120, abs=2)
    assert "separator" not in only
    words = CliRunner().invoke(cli.app, ["classify", str(file), "--system", system]).stdout
    assert f"of {voters} agree" in words


@pytest.mark.usefixtures("loaded")
def test_a_voice_is_recorded_and_classified(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(microphone, "default_microphone", lambda: Microphone("a desk", 48_000))
    monkeypatch.setattr(
        microphone, "record", lambda source, seconds: Clip(np.ones((1, 48_000), np.float32), source.rate)
    )
    monkeypatch.setattr(time, "sleep", lambda seconds: None)
    found = CliRunner().invoke(cli.app, ["record", "--seconds", "1", "--system", "speech-mfcc"])
    assert found.exit_code == 0
    assert "of 2 members agree" in found.stdout


@pytest.mark.usefixtures("loaded")
def test_options_of_the_singer_are_refused_for_speech(file: Path) -> None:
    found = CliRunner().invoke(cli.app, ["classify", str(file), "--system", "speech-mel", "--members", "3"])
    assert found.exit_code == 2
    assert "--members belongs to the singing system" in found.stderr
