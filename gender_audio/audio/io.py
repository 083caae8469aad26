"""Reading and writing recordings. Every limit on what is accepted, and every error about it, lives here.

Files are recognised by their content and decoded frame by frame with the FFmpeg libraries inside PyAV, which
get an open file, an allow-list of containers and codecs, and no protocol at all: a playlist finds nothing to
open and a crafted picture nothing to run.
"""

# ruff: noqa: N818, the names of the errors say what is wrong with the file.

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from os import SEEK_END
from pathlib import Path
from typing import BinaryIO

import av
import numpy as np
import soundfile
import soxr
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import InputContainer
from numpy.typing import NDArray

from gender_audio.atomic_write import atomic_write
from gender_audio.audio import truncation
from gender_audio.audio.decode import decode_frames
from gender_audio.audio.repair import repair

CONTAINERS = ("wav", "flac", "ogg", "mp3", "aac", "aiff", "mov", "matroska")
# Known only to be turned away as pictures.
PICTURES = ("png_pipe", "jpeg_pipe", "webp_pipe", "bmp_pipe", "gif")
PCM = tuple(sorted(name for name in av.codecs_available if name.startswith("pcm_")))
CODECS = ("flac", "alac", "vorbis", "opus", "mp3", "mp3float", "aac", *PCM)

LOUDEST = 2.0**31  # float files may hold integers at their own scale; anything beyond is no sound
PIECE = 2**20  # samples that are resampled at once

OTHER_FORMAT = "please use WAV, FLAC, OGG, Opus, MP3, M4A, WebM or AIFF"
LONGER = "please choose or record a longer one"
TOO_QUIET = "There is hardly any sound in this recording; please choose or record a louder one."
CUT_SHORT = "Part of this file is missing or damaged; only what could be decoded was used."


@dataclass(frozen=True)
class Limits:
    """What `read` accepts."""

    longest_s: float = 720.0
    shortest_s: float = 0.5
    largest_bytes: int = 100 * 2**20
    lowest_rate: int = 4_000  # Hz
    highest_rate: int = 192_000  # Hz
    most_channels: int = 8
    most_values: int = 150_000_000  # channels x samples, 600 MB: twelve minutes of stereo at 96 kHz


LIMITS = Limits()


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
    """No known format, damaged beyond use, or a rate or number of channels out of limits."""


class TooShort(AudioError):
    """Less sound than `Limits.shortest_s`."""


class TooLong(AudioError):
    """More sound than `Limits.longest_s` or `Limits.most_values`."""


class Silent(AudioError):
    """No sound, for a system that has nothing to say of silence."""


class NotFinite(AudioError):
    """Not one sample is a usable number."""


@dataclass(frozen=True, eq=False)
class Clip:
    """A decoded recording.

    samples: float32 [channels, n], finite, nominally -1..1 (float files may exceed it)
    rate: Hz
    warnings: sentences for the user about what had to be repaired
    """

    samples: NDArray[np.float32]
    rate: int
    warnings: tuple[str, ...] = ()

    @property
    def duration_s(self) -> float:
        return self.samples.shape[1] / self.rate

    @property
    def peak(self) -> float:
        """The highest magnitude of a sample; found without a copy, for a long clip fills much of the memory."""
        return float(max(self.samples.max(), -self.samples.min()))

    def mono(self, rate: int) -> NDArray[np.float32]:
        """The mean of the channels at `rate` Hz: float32 [n]; at the clip's own rate nothing is filtered."""
        if rate == self.rate:
            return self.samples[0] if len(self.samples) == 1 else self.samples.mean(axis=0)
        return self._resampled(rate, lambda part: part.mean(axis=0, keepdims=True))[0]

    def stereo(self, rate: int) -> NDArray[np.float32]:
        """Left and right at `rate` Hz: float32 [2, n]; of one channel, or more than two, twice the mean."""
        heard = self.heard(rate)
        return heard if len(heard) == 2 else np.concatenate([heard, heard])

    def heard(self, rate: int) -> NDArray[np.float32]:
        """The clip for two ears at `rate` Hz: float32 [2, n] if it has two channels, else their mean, [1, n]."""
        if len(self.samples) != 2:
            return self.mono(rate)[None]
        return self.samples if rate == self.rate else self._resampled(rate, lambda part: part)

    def _resampled(self, rate: int, mix: Callable[[NDArray[np.float32]], NDArray[np.float32]]) -> NDArray[np.float32]:
        """What `mix` makes of the channels, at `rate` Hz; piece by piece, for a long clip fills much of the memory."""
        samples, channels = self.samples.shape[1], len(mix(self.samples[:, :1]))
        converter = soxr.ResampleStream(self.rate, rate, channels, dtype="float32", quality="HQ")
        whole, ready = np.zeros((channels, -(-samples * rate // self.rate)), np.float32), 0
        for start in range(0, samples, PIECE):
            piece = np.ascontiguousarray(mix(self.samples[:, start : start + PIECE]).T)
            new = converter.resample_chunk(piece, last=start + PIECE >= samples)[: whole.shape[1] - ready]
            whole[:, ready : ready + len(new)] = new.T
            ready += len(new)
        return whole


def read(path: Path, limits: Limits = LIMITS) -> Clip:
    """Decode the first sound track of a file, at its own rate and with its own channels.

    Memory stays bounded whatever the file claims: decoding stops at the first frame beyond the limits.
    A file cut short or damaged in part gives what could be decoded, with a warning. Silence is valid.
    Raises a subclass of AudioError, and nothing else, for a file that cannot be used.
    """
    with _file(path, limits) as file, _container(file) as container:
        track = _sound_track(container)
        promised_s = truncation.promised_s(container, track)
        samples, rate, repaired, damaged = _decode(decode_frames(container, track), limits)
        damaged |= samples.shape[1] / rate < promised_s - truncation.SLACK_S
        if container.format.name == "ogg":
            damaged |= not truncation.ogg_ends(file)
        elif container.format.name == "wav":
            damaged &= not truncation.wav_is_open_ended(file)
    if samples.shape[1] < limits.shortest_s * rate:
        raise TooShort(f"This recording is shorter than {_span(limits.shortest_s)}; {LONGER}.")
    if repaired == samples.size:
        raise NotFinite("This file holds no usable numbers, only NaN or infinity; please export it again.")
    warnings = [CUT_SHORT] if damaged else []
    if repaired:
        warnings.append(f"Some values in this file ({repaired}) were NaN or infinite and were replaced by silence.")
    return Clip(samples, rate, (*warnings, *repair(samples)))


def write(path: Path, samples: NDArray[np.float32], rate: int) -> None:
    """Write float32 [n] or [channels, n] as a WAV at true level: 16-bit PCM, or float where it exceeds -1..1.

    Where that fails, no half of a file is left, and one that was there before stays.
    """
    values, subtype = np.atleast_2d(samples), "FLOAT"
    if max(values.max(initial=0), -values.min(initial=0)) <= 1:
        values, subtype = np.rint(values * 2.0**15).clip(-(2**15), 2**15 - 1).astype(np.int16), "PCM_16"
    with atomic_write(path) as made:
        soundfile.write(made, values.T, rate, subtype=subtype, format="WAV")


@contextmanager
def _file(path: Path, limits: Limits) -> Iterator[BinaryIO]:
    try:
        if not path.is_file():
            raise NotFound("This file does not exist; please check its name and choose it again.")
        file = path.open("rb")
    except OSError as error:
        raise NotFound("This file cannot be opened; please check that you are allowed to read it.") from error
    with file:
        size = file.seek(0, SEEK_END)
        if size == 0:
            raise EmptyFile("This file is empty; please record or export it again.")
        if size > limits.largest_bytes:
            raise TooLarge(
                f"This file is larger than {limits.largest_bytes / 2**20:.3g} MB; "
                "please shorten it or save it as MP3 or M4A."
            )
        file.seek(0)
        yield file


@contextmanager
def _container(file: BinaryIO) -> Iterator[InputContainer]:
    allowed = {
        "format_whitelist": ",".join(CONTAINERS + PICTURES),
        "codec_whitelist": ",".join(CODECS),
        "protocol_whitelist": "",
    }
    try:
        container = av.open(file, mode="r", container_options=allowed, metadata_errors="replace")
    except (av.FFmpegError, OSError) as error:
        raise Undecodable(f"This file is damaged or not a recording; {OTHER_FORMAT}.") from error
    with container:
        yield container


def _sound_track(container: InputContainer) -> AudioStream:
    if not container.streams.audio:
        raise NoAudio("There is no sound in this file; please choose a recording or a video with sound.")
    track = container.streams.audio[0]
    if track.codec_context is None or track.codec_context.codec.canonical_name not in CODECS:
        raise Undecodable(f"The sound in this file is coded in a way that is not supported; {OTHER_FORMAT}.")
    return track


def _decode(decoded: Iterator[AudioFrame | None], limits: Limits) -> tuple[NDArray[np.float32], int, int, bool]:
    """Samples [channels, n], rate, how many values had to be replaced, and whether anything was damaged."""
    buffer = bytearray()  # float32 [n, channels]; grows in place, so the samples never exist twice
    rate = channels = repaired = 0
    damaged = False
    for block in decoded:
        if block is None:
            damaged = True
            continue
        if not buffer:
            rate, channels = block.sample_rate, block.layout.nb_channels
            if not limits.lowest_rate <= rate <= limits.highest_rate or channels > limits.most_channels:
                raise Undecodable(
                    f"{rate} Hz in {channels} channel(s) cannot be used; please save it as 44100 Hz stereo."
                )
            most = min(limits.longest_s * rate * channels, limits.most_values)
        values = block.to_ndarray()
        usable = np.abs(values) <= LOUDEST
        repaired += values.size - int(usable.sum())
        buffer.extend(np.where(usable, values, np.float32(0)).tobytes())
        if len(buffer) // 4 > most:
            longest = _span(most / channels / rate)
            raise TooLong(f"This recording is longer than {longest}; please cut it and try again.")
    if not buffer and damaged:
        raise Undecodable(f"Nothing in this file could be decoded; {OTHER_FORMAT}.")
    if not buffer:
        raise TooShort(f"There is not a single sample in this file; {LONGER}.")
    return np.frombuffer(buffer, np.float32).reshape(-1, channels).T, rate, repaired, damaged


def _span(seconds: float) -> str:
    return f"{seconds / 60:.3g} minutes" if seconds >= 60 else f"{seconds:.3g} seconds"
