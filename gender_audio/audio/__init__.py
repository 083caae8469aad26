"""Recordings: reading, repairing, recording from a microphone and writing them."""

from gender_audio.audio.io import (
    LIMITS,
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
