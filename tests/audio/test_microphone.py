"""Recording, with a stand-in for the sound card."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from gender_audio.audio.microphone import SILENT, Microphone, RecordingError, microphone, record
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
def test_the_default_microphone_brings_its_own_rate() -> None:
    assert microphone() == HEADSET


@pytest.mark.parametrize("error", [PortAudioError("Error querying device -1"), ValueError("no input device")])
def test_without_a_microphone_one_is_asked_for(sounddevice: ModuleType, error: Exception) -> None:
    sounddevice.query_devices = failing(error)
    with pytest.raises(RecordingError, match="connect"):
        microphone()


def test_without_portaudio_its_package_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "sounddevice.py").write_text("raise OSError('PortAudio library not found')")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "sounddevice", raising=False)
    with pytest.raises(RecordingError, match="libportaudio2"):
        microphone()


def test_the_clip_is_what_the_microphone_heard(sounddevice: ModuleType) -> None:
    heard = np.sin(np.arange(66_150) / 30).astype(np.float32)[:, None]
    asked = {}

    def rec(frames: int, **options: object) -> np.ndarray:
        asked.update(options, frames=frames)
        return heard

    sounddevice.rec = rec
    clip = record(HEADSET, 1.5)
    assert asked == {
        "frames": 66_150,
        "samplerate": 44_100,
        "channels": 1,
        "dtype": "float32",
        "blocking": True,
    }
    assert clip.duration_s == 1.5 and clip.warnings == ()
    np.testing.assert_array_equal(clip.samples, heard.T)


def test_a_muted_microphone_is_mentioned(sounddevice: ModuleType) -> None:
    sounddevice.rec = lambda frames, **_: np.zeros((frames, 1), np.float32)
    assert record(HEADSET, 1.0).warnings == (SILENT,)


def test_an_offset_of_the_sound_card_is_taken_out(sounddevice: ModuleType) -> None:
    sung = 0.1 * np.sin(np.arange(44_100) / 7).astype(np.float32)[:, None]
    sounddevice.rec = lambda *_, **__: sung + np.float32(0.05)
    clip = record(HEADSET, 1.0)
    assert clip.warnings == (CENTRED,)
    np.testing.assert_allclose(clip.samples, sung.T, atol=1e-3)


def test_an_offset_alone_is_a_muted_microphone(sounddevice: ModuleType) -> None:
    sounddevice.rec = lambda frames, **_: np.full((frames, 1), 0.05, np.float32)
    assert record(HEADSET, 1.0).warnings == (SILENT,)


def test_a_microphone_that_fails_is_named(sounddevice: ModuleType) -> None:
    sounddevice.rec = failing(PortAudioError("Device unavailable"))
    with pytest.raises(RecordingError, match="Headset"):
        record(HEADSET, 1.0)
