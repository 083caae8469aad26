"""Decoding with the FFmpeg libraries inside PyAV.

FFmpeg gets an open file, an allow-list of containers and codecs, and no protocol: a playlist cannot open another file,
and a crafted picture is never decoded. The content of a file decides its format, not its name.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import BinaryIO

import av
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.packet import Packet

from gender_audio.audio.errors import CUT_OFF, OTHER_FORMAT, NoAudio, Undecodable

CONTAINERS = ("wav", "flac", "ogg", "mp3", "aac", "aiff", "mov", "matroska", "caf", "amr", "asf", "avi", "mpegts")
PICTURES = ("png_pipe", "jpeg_pipe", "webp_pipe", "bmp_pipe", "gif")
"""Pictures are recognised only to reject them with a helpful message."""
PCM = tuple(sorted(name for name in av.codecs_available if name.startswith("pcm_")))
MPEG = ("mp2", "mp2float", "mp3", "mp3float", "aac")
PHONES = ("amrnb", "amr_nb", "amrwb", "amr_wb", "wmav1", "wmav2", "wmapro")
"""Codecs of phones and of Windows; some are called by the name of the format, too."""
CODECS = ("flac", "alac", "vorbis", "opus", *MPEG, *PHONES, *PCM)
TAGS = (b"ID3", b"TAG", b"APETAGEX")
"""What the tags inside MPEG files begin with."""


@contextmanager
def open_container(file: BinaryIO) -> Iterator[InputContainer]:
    """Open a file of an allowed format.

    Raises:
        Undecodable: the format is unknown or the file is damaged.
    """
    file.seek(0)
    unfinished = file.read(8)[4:] == b"ftyp"
    file.seek(0)
    allowed = {
        "format_whitelist": ",".join(CONTAINERS + PICTURES),
        "codec_whitelist": ",".join(CODECS),
        "protocol_whitelist": "",
    }
    try:
        container = av.open(file, mode="r", container_options=allowed, metadata_errors="replace")
    except (av.FFmpegError, OSError) as error:
        reason = CUT_OFF if unfinished else f"This file is damaged or not a recording; {OTHER_FORMAT}."
        raise Undecodable(reason) from error
    with container:
        yield container


def sound_track(container: InputContainer) -> AudioStream:
    """The first sound track.

    Raises:
        NoAudio: there is none.
        Undecodable: its codec is not allowed.
    """
    if not container.streams.audio:
        raise NoAudio("There is no sound in this file; please choose a recording or a video with sound.")
    track = container.streams.audio[0]
    if track.codec_context is None or track.codec_context.codec.canonical_name not in CODECS:
        raise Undecodable(f"The sound in this file is coded in a way that is not supported; {OTHER_FORMAT}.")
    return track


def resample_frames(frames: Iterable[AudioFrame | None]) -> Iterator[AudioFrame | None]:
    """The sound as packed float32 at the rate and layout of the first frame, even if these change later.

    A damaged or missing part gives None.
    """
    first: AudioFrame | None = None
    current: tuple[str, str, int] | None = None
    for frame in frames:
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


def decode_frames(container: InputContainer, track: AudioStream) -> Iterator[AudioFrame | None]:
    """The frames of a track in order, and None for one that cannot be decoded."""
    try:
        for packet in container.demux(track):
            if packet.is_corrupt:
                yield None
            try:
                yield from packet.decode()
            except av.FFmpegError:
                if not _has_no_sound(packet):
                    yield None
    except (av.FFmpegError, OSError):
        yield None


def _has_no_sound(packet: Packet) -> bool:
    """Whether a packet is only padding or a tag, as between MP3 files that were joined."""
    content = bytes(packet).lstrip(b"\0")
    return not content or content.startswith(TAGS)
