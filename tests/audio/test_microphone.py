"""Recording, with a fake sound card."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from gender_audio.audio.microphone import MUTED, Microphone, RecordingError, default_microphone, record
from gender_audio.audio.repair import CENTRED

HEADSET = Microphone("Headset", 44_100)


class PortAudioError(Exception):
    pass


@pytest.fixture
def sounddevice(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    module = ModuleType("sounddevice")
    module.PortAudioError = PortAudioError
    module.query_devices = lambda **_: {"name": "Headset", "default_samplerate": 44_100.0}
    monkeypatch.setitem(sys.modules, "sounddevice", module)
    return module


def failing(error: Exception) -> Callable[..., None]:
    def fail(*_: object, **__: object) -> None:
        raise error

    return fail


@pytest.mark.usefixtures("sounddevice")
def test_default_microphone_has_its_own_rate() -> None:
    assert default_microphone() == HEADSET


@pytest.mark.parametrize("error", [PortAudioError("Error querying device -1"), ValueError("no input device")])
def test_default_microphone_fails_without_a_microphone(sounddevice: ModuleType, error: Exception) -> None:
    sounddevice.query_devices = failing(error)
    with pytest.raises(RecordingError, match="connect"):
        default_microphone()


def test_default_microphone_fails_without_portaudio(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "sounddevice.py").write_text("raise OSError('PortAudio library not found')")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "sounddevice", raising=False)
    with pytest.raises(RecordingError, match="libportaudio2"):
        default_microphone()


def test_record_returns_the_recorded_samples(sounddevice: ModuleType) -> None:
    signal = np.sin(np.arange(66_150) / 30).astype(np.float32)[:, None]
    options_used = {}

    def rec(frames: int, **options: object) -> np.ndarray:
        options_used.update(options, frames=frames)
        return signal

    sounddevice.rec = rec
    clip = record(HEADSET, 1.5)
    assert options_used == {
        "frames": 66_150,
        "samplerate": 44_100,
        "channels": 1,
        "dtype": "float32",
        "blocking": True,
    }
    assert clip.duration_s == 1.5 and clip.warnings == ()
    np.testing.assert_array_equal(clip.samples, signal.T)


def test_record_warns_if_the_microphone_is_muted(sounddevice: ModuleType) -> None:
    sounddevice.rec = lambda frames, **_: np.zeros((frames, 1), np.float32)
    assert record(HEADSET, 1.0).warnings == (MUTED,)


def test_record_removes_an_offset(sounddevice: ModuleType) -> None:
    tone = 0.1 * np.sin(np.arange(44_100) / 7).astype(np.float32)[:, None]
    sounddevice.rec = lambda *_, **__: tone + np.float32(0.05)
    clip = record(HEADSET, 1.0)
    assert clip.warnings == (CENTRED,)
    np.testing.assert_allclose(clip.samples, tone.T, atol=1e-3)


def test_record_warns_if_there_is_only_an_offset(sounddevice: ModuleType) -> None:
    sounddevice.rec = lambda frames, **_: np.full((frames, 1), 0.05, np.float32)
    assert record(HEADSET, 1.0).warnings == (MUTED,)


def test_record_fails_if_the_microphone_cannot_be_used(sounddevice: ModuleType) -> None:
    sounddevice.rec = failing(PortAudioError("Device unavailable"))
    with pytest.raises(RecordingError, match="Headset"):
        record(HEADSET, 1.0)
