"""Whether a recording is all there: what its header promises, and what its end or beginning gives away."""

from __future__ import annotations

from os import SEEK_END
from typing import BinaryIO

import av
from av.audio.stream import AudioStream
from av.container import InputContainer

SLACK_S = 0.1  # encoder delay and padding let the length in a header differ this much from what is decoded
OGG_PAGES = 2**17  # bytes; a page of Ogg has at most half as many, so the last one begins in here
WAV_HEAD = 2**12  # bytes, in which the data chunk begins
OPEN_ENDED = 0x7FFF0000  # bytes; streaming writers put the largest number they know for the length


def promised_s(container: InputContainer, track: AudioStream) -> float:
    """The length that the header gives, in seconds; 0 where there is none."""
    if track.duration is None or track.time_base is None:
        alone = len(container.streams) == 1
        return container.duration / av.time_base if alone and container.duration else 0.0
    promised_s = float(track.duration * track.time_base)
    if container.format.name in ("mp3", "aac") and "encoder" not in track.metadata:
        # Often a guess of FFmpeg's, size over bit rate; only a header promises more bytes than there are.
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
    """Whether a WAV was written by a stream that could not go back to fill in its length."""
    file.seek(0)
    head, _, data = file.read(WAV_HEAD).partition(b"data")
    size = int.from_bytes(data[:4], "little")
    return head.startswith(b"RIFF") and (size == 0 or size >= OPEN_ENDED)
