"""Detects files that were cut off: from the length in the header, and from marks at the beginning and the end."""

from __future__ import annotations

from os import SEEK_END
from typing import BinaryIO

import av
from av.audio.stream import AudioStream
from av.container import InputContainer

TOLERANCE_S = 0.1
"""Largest difference between the length in the header and the decoded length, from encoder delay and padding."""
OGG_PAGES = 2**17
"""Bytes at the end of a file in which the last page of Ogg begins; a page has at most half as many."""
WAV_HEAD = 2**12
"""Bytes in which the data chunk begins."""
OPEN_ENDED = 0x7FFF0000
"""Bytes; programs that write to a stream store a length near the largest possible one."""


def header_duration_s(container: InputContainer, track: AudioStream) -> float:
    """The length in the header, in seconds; 0 if the header has none."""
    if track.duration is None or track.time_base is None:
        single = len(container.streams) == 1
        return container.duration / av.time_base if single and container.duration else 0.0
    duration_s = float(track.duration * track.time_base)
    if container.format.name in ("mp3", "aac") and "encoder" not in track.metadata:
        # Without a header, FFmpeg estimates the length from size and bit rate; an estimate never exceeds the size.
        bits = (duration_s - TOLERANCE_S) * (track.codec_context.bit_rate or 0)
        return duration_s if bits > 8 * container.size else 0.0
    return duration_s


def ogg_ends(file: BinaryIO) -> bool:
    """Whether the last page of an Ogg file is marked as the end of its stream."""
    file.seek(max(0, file.seek(0, SEEK_END) - OGG_PAGES))
    pages = file.read()
    flags = pages[pages.rfind(b"OggS") + 5 :][:1]
    return bool(flags) and bool(flags[0] & 4)


def wav_is_open_ended(file: BinaryIO) -> bool:
    """Whether a WAV file was written to a stream, so that its length could not be filled in afterwards."""
    file.seek(0)
    head, _, data = file.read(WAV_HEAD).partition(b"data")
    size = int.from_bytes(data[:4], "little")
    return head.startswith(b"RIFF") and (size == 0 or size >= OPEN_ENDED)
