"""The speech systems on the command line, with small random networks."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from gender_audio.audio import Clip, microphone, write
from gender_audio.audio.microphone import Microphone
from gender_audio.cli import record
from gender_audio.systems.speech_mel import MelSpeechClassifier
from gender_audio.systems.speech_mfcc import MfccSpeechClassifier
from tests.cli.invoke import run
from tests.small_classifiers import mel_classifier, mfcc_classifier


@pytest.fixture
def small_speech_classifiers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(MfccSpeechClassifier, "load", mfcc_classifier)
    monkeypatch.setattr(MelSpeechClassifier, "load", mel_classifier)


@pytest.fixture
def buzz(tmp_path: Path) -> Path:
    """Two seconds of a buzz at 120 Hz."""
    time_s = np.arange(32_000) / 16_000
    write(tmp_path / "buzz.wav", sum(np.sin(2 * np.pi * 120 * k * time_s) / (10 * k) for k in range(1, 8)), 16_000)
    return tmp_path / "buzz.wav"


@pytest.mark.usefixtures("small_speech_classifiers")
@pytest.mark.parametrize(("system", "voters"), [("speech-mfcc", "2 members"), ("speech-mel", "4 models")])
def test_classify_uses_the_named_speech_system(system: str, voters: str, buzz: Path) -> None:
    result = run("classify", buzz, "--system", system, "--json")
    assert result.exit_code == 0
    (only,) = json.loads(result.stdout)
    assert only["system"] == system
    assert only["label"] in ("male", "female")
    assert only["pitch_hz"] == pytest.approx(120, abs=2)
    assert "separator" not in only
    table = run("classify", buzz, "--system", system).stdout
    assert f"of {voters} agree" in table


@pytest.mark.usefixtures("small_speech_classifiers")
def test_record_uses_the_named_speech_system(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(microphone, "default_microphone", lambda: Microphone("Headset", 48_000))
    monkeypatch.setattr(
        microphone, "record", lambda source, seconds: Clip(np.ones((1, 48_000), np.float32), source.rate)
    )
    monkeypatch.setattr(record.time, "sleep", lambda seconds: None)
    result = run("record", "--seconds", "1", "--system", "speech-mfcc")
    assert result.exit_code == 0
    assert "of 2 members agree" in result.stdout


@pytest.mark.usefixtures("small_speech_classifiers")
def test_classify_rejects_singing_options_for_speech(buzz: Path) -> None:
    result = run("classify", buzz, "--system", "speech-mel", "--members", "3")
    assert result.exit_code == 2
    assert "--members belongs to the singing system" in result.stderr
