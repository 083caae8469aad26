"""Recordings: reading, repairing, recording from a microphone and writing them."""

from gender_audio.audio.io import (
    LIMITS,
    TOO_QUIET,
    AudioError,
    Clip,
    EmptyFile,
    Limits,
    NoAudio,
    NotFinite,
    NotFound,
    Silent,
    TooLarge,
    TooLong,
    TooShort,
    Undecodable,
    read,
    write,
)

__all__ = [
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
