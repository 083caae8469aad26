"""Recording from the microphone of this computer, through PortAudio."""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import ModuleType

import numpy as np

from gender_audio.audio import Clip
from gender_audio.audio.repair import repair

FAINTEST = 1e-6
"""A level, at full scale 1, that no microphone is below which is not muted."""
SILENT = "The microphone delivered nothing but silence; please check that it is not muted."


class RecordingError(Exception):
    """There is nothing to record with; `str(error)` is one sentence that says what to install or connect."""


@dataclass(frozen=True)
class Microphone:
    """The computer's default input: its name, and the rate in Hz at which it works best."""

    name: str
    rate: int


def microphone() -> Microphone:
    """The default microphone, found before anybody is asked to sing.

    Raises RecordingError without PortAudio or without a microphone.
    """
    sounddevice = _sounddevice()
    try:
        device = sounddevice.query_devices(kind="input")
    except (sounddevice.PortAudioError, ValueError) as error:
        raise RecordingError("No microphone was found; please connect one and try again.") from error
    return Microphone(str(device["name"]), round(device["default_samplerate"]))


def record(source: Microphone, seconds: float) -> Clip:
    """One channel from the default microphone; returns when `seconds` have passed.

    Raises RecordingError if the microphone is taken, disconnected or forbidden meanwhile.
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
    heard = np.ascontiguousarray(samples.T)
    notes = repair(heard)
    clip = Clip(heard, source.rate, tuple(notes))
    return clip if clip.peak > FAINTEST else replace(clip, warnings=(SILENT,))


def _sounddevice() -> ModuleType:
    try:
        import sounddevice
    except OSError as error:
        raise RecordingError(
            "Recording needs the PortAudio library; please install it (on Debian or Ubuntu: apt install libportaudio2)."
        ) from error
    return sounddevice
