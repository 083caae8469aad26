"""Recording from the microphone of this computer, through PortAudio."""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import ModuleType

import numpy as np

from gender_audio.audio.clip import Clip
from gender_audio.audio.repair import repair

FAINTEST = 1e-6
"""Level, at full scale 1, that every microphone exceeds unless it is muted."""
MUTED = "The microphone delivered nothing but silence; please check that it is not muted."


class RecordingError(Exception):
    """Recording is not possible; `str(error)` is one sentence that says what to install or connect."""


@dataclass(frozen=True)
class Microphone:
    """A microphone: its name, and its default sample rate in Hz."""

    name: str
    rate: int


def default_microphone() -> Microphone:
    """The default microphone of the computer.

    Raises:
        RecordingError: PortAudio is not installed, or there is no microphone.
    """
    sounddevice = _sounddevice()
    try:
        device = sounddevice.query_devices(kind="input")
    except (sounddevice.PortAudioError, ValueError) as error:
        raise RecordingError("No microphone was found; please connect one and try again.") from error
    return Microphone(str(device["name"]), round(device["default_samplerate"]))


def record(source: Microphone, seconds: float) -> Clip:
    """Record one channel from the default microphone for `seconds`.

    Raises:
        RecordingError: the microphone is used by another program, disconnected or forbidden.
    """
    sounddevice = _sounddevice()
    frames = round(seconds * source.rate)
    try:
        samples = sounddevice.rec(frames, samplerate=source.rate, channels=1, dtype="float32", blocking=True)
    except sounddevice.PortAudioError as error:
        raise RecordingError(
            f"The microphone ({source.name}) could not be used; please check that it is connected "
            "and that no other program is using it."
        ) from error
    channel = np.ascontiguousarray(samples.T)
    clip = Clip(channel, source.rate, tuple(repair(channel)))
    return clip if clip.peak > FAINTEST else replace(clip, warnings=(MUTED,))


def _sounddevice() -> ModuleType:
    try:
        import sounddevice
    except OSError as error:
        raise RecordingError(
            "Recording needs the PortAudio library; please install it (on Debian or Ubuntu: apt install libportaudio2)."
        ) from error
    return sounddevice
