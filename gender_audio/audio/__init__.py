"""Recordings: read from a file or a microphone into a `Clip`, and written to a file.

- `clip`: the decoded recording, its channels and its sample rate
- `files`: `read` and `write`, with the limits on length and size
- `decode`: the allowed formats, and decoding with FFmpeg
- `truncation`: whether a file is complete
- `repair`: constant offsets and channels that cancel each other
- `loudness`: silence, and the loudest part of a signal
- `microphone`: recording on this computer
- `errors`: one class for each reason that a recording cannot be used

Every other package may import it.
"""

from gender_audio.audio.clip import Clip
from gender_audio.audio.errors import (
    CUT_SHORT,
    TOO_QUIET,
    AudioError,
    EmptyFile,
    NoAudio,
    NotFinite,
    NotFound,
    Silent,
    TooLarge,
    TooLong,
    TooShort,
    Undecodable,
)
from gender_audio.audio.files import LIMITS, Limits, read, write

__all__ = [
    "CUT_SHORT",
    "LIMITS",
    "TOO_QUIET",
    "AudioError",
    "Clip",
    "EmptyFile",
    "Limits",
    "NoAudio",
    "NotFinite",
    "NotFound",
    "Silent",
    "TooLarge",
    "TooLong",
    "TooShort",
    "Undecodable",
    "read",
    "write",
]
