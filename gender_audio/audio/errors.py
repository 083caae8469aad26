"""Errors about a recording, and sentences about recordings that several modules show to the user."""

# ruff: noqa: N818, the names of the errors say what is wrong with the file.

from __future__ import annotations

OTHER_FORMAT = "please use WAV, FLAC, OGG, Opus, MP3, M4A, MP4, WebM or AIFF"
LONGER = "please choose or record a longer one"
TOO_QUIET = "There is hardly any sound in this recording; please choose or record a louder one."
CUT_OFF = "The end of this file is missing, and with it the table of its contents; please copy or download it again."
CUT_SHORT = "Part of this file is missing or damaged; only what could be decoded was used."


class AudioError(Exception):
    """A recording that cannot be used; `str(error)` is one sentence for the person who chose it."""


class NotFound(AudioError):
    """No such file, not a file, or no permission to read it."""


class EmptyFile(AudioError):
    """The file has no bytes."""


class TooLarge(AudioError):
    """The file has more bytes than `Limits.largest_bytes`."""


class NoAudio(AudioError):
    """A picture, or a video without sound."""


class Undecodable(AudioError):
    """Unknown format, damaged beyond use, or a sample rate or number of channels outside the limits."""


class TooShort(AudioError):
    """Less sound than `Limits.shortest_s`."""


class TooLong(AudioError):
    """More sound than `Limits.longest_s` or `Limits.most_values`."""


class Silent(AudioError):
    """No sound, for a system that cannot classify silence."""


class NotFinite(AudioError):
    """All samples are NaN or infinite."""
