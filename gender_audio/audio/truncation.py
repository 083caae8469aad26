"""Whether a file is complete: the length that its header gives, and marks at its beginning and end."""

from __future__ import annotations

from os import SEEK_END
from typing import BinaryIO

import av
from av.audio.stream import AudioStream
from av.container import InputContainer

SLACK_S = 0.1
"""The length in a header may differ this much from what is decoded, because of encoder delay and padding."""
OGG_PAGES = 2**17
"""Bytes at the end of a file in which the last page of Ogg begins; a page has at most half as many."""
WAV_HEAD = 2**12
"""Bytes in which the data chunk begins."""
OPEN_ENDED = 0x7FFF0000
"""Bytes; streaming writers put the largest number they know for the length."""


def promised_s(container: InputContainer, track: AudioStream) -> float:
    """The length that the header gives, in seconds; 0 if there is none."""
    if track.duration is None or track.time_base is None:
        alone = len(container.streams) == 1
        return container.duration / av.time_base if alone and container.duration else 0.0
    promised_s = float(track.duration * track.time_base)
    if container.format.name in ("mp3", "aac") and "encoder" not in track.metadata:
        # Often FFmpeg guesses the length from size and bit rate; only a header can promise more bytes than there are.
        bits = (promised_s - SLACK_S) * (track.codec_context.bit_rate or 0)
        return promised_s if bits > 8 * container.size else 0.0
    return promised_s


def ogg_ends(file: BinaryIO) -> bool:
    """Whether the last page of an Ogg file is marked as the end of its stream."""
    file.seek(max(0, file.seek(0, SEEK_END) - OGG_PAGES))
    pages = file.read()
    flags = pages[pages.rfind(b"OggS") + 5 :][:1]
    return bool(flags) and bool(flags[0] & 4)


def wav_is_open_ended(file: BinaryIO) -> bool:
    """Whether a WAV file comes from a stream, which cannot go back to fill in the length."""
    file.seek(0)
    head, _, data = file.read(WAV_HEAD).partition(b"data")
    size = int.from_bytes(data[:4], "little")
    return head.startswith(b"RIFF") and (size == 0 or size >= OPEN_ENDED)
