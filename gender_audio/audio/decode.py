"""The frames of a sound track, decoded in order."""

from __future__ import annotations

from collections.abc import Iterator

import av
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.container import InputContainer


def decode_frames(container: InputContainer, track: AudioStream) -> Iterator[AudioFrame | None]:
    """The sound as packed float32 at the rate and layout of the first frame, even where these change on the way.

    None stands for whatever is damaged or missing.
    """
    first: AudioFrame | None = None
    current: tuple[str, str, int] | None = None
    for frame in _frames(container, track):
        if frame is None:
            yield None
            continue
        first = first or frame
        shape = (frame.format.name, frame.layout.name, frame.sample_rate)
        if shape != current:
            current, resampler = shape, AudioResampler("flt", first.layout, first.sample_rate)
        try:
            yield from resampler.resample(frame)
        except av.FFmpegError:
            yield None


def _frames(container: InputContainer, track: AudioStream) -> Iterator[AudioFrame | None]:
    """The frames of a track in order, and None where one cannot be decoded."""
    try:
        for packet in container.demux(track):
            if packet.is_corrupt:
                yield None
            try:
                yield from packet.decode()
            except av.FFmpegError:
                yield None
    except (av.FFmpegError, OSError):
        yield None
