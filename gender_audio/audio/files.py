"""Reading and writing recordings, within limits of length, size and format."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from os import SEEK_END
from pathlib import Path
from typing import BinaryIO

import numpy as np
import soundfile
from av.audio.frame import AudioFrame
from numpy.typing import NDArray

from gender_audio.atomic_write import atomic_write
from gender_audio.audio import truncation
from gender_audio.audio.clip import Clip
from gender_audio.audio.containers import parts
from gender_audio.audio.decode import decode_frames, open_container, resample_frames, sound_track
from gender_audio.audio.errors import (
    CUT_SHORT,
    LONGER,
    OTHER_FORMAT,
    EmptyFile,
    NotFinite,
    NotFound,
    TooLarge,
    TooLong,
    TooShort,
    Undecodable,
)
from gender_audio.audio.repair import repair

LARGEST_SAMPLE = 2.0**31
"""Float files may hold integers at their own scale; a larger value is not a sample."""


@dataclass(frozen=True)
class Limits:
    """The limits of `read`.

    Attributes:
        most_values: channels x samples; 600 MB, twelve minutes of stereo at 96 kHz.
    """

    longest_s: float = 720.0
    shortest_s: float = 0.5
    largest_bytes: int = 100 * 2**20
    lowest_rate: int = 4_000
    highest_rate: int = 192_000
    most_channels: int = 8
    most_values: int = 150_000_000


LIMITS = Limits()


def read(path: Path, limits: Limits = LIMITS) -> Clip:
    """Decode the first sound track of a file, at its own sample rate and with its own channels.

    Decoding stops at the first frame beyond the limits, so a wrong header cannot exhaust the memory. Of a file that is
    cut short or damaged, the part that can be decoded is returned, with a warning. Silence is valid.

    Raises:
        AudioError: a subclass of it, and nothing else, if the file cannot be used.
    """
    with _open(path, limits) as file:
        source = Source(file)
        samples, rate, replaced, damaged = _collect(resample_frames(source.frames()), limits)
        damaged = source.is_damaged(damaged, samples.shape[1] / rate)
    if samples.shape[1] < limits.shortest_s * rate:
        raise TooShort(f"This recording is shorter than {_duration(limits.shortest_s)}; {LONGER}.")
    if replaced == samples.size:
        raise NotFinite("This file holds no usable numbers, only NaN or infinity; please export it again.")
    warnings = [CUT_SHORT] if damaged else []
    if source.tracks > 1:
        warnings.append(f"This file has {source.tracks} sound tracks; the first one was used.")
    if replaced:
        warnings.append(f"Some values in this file ({replaced}) were NaN or infinite and were replaced by silence.")
    return Clip(samples, rate, (*warnings, *repair(samples)), path.stem)


def write(path: Path, samples: NDArray[np.float32], rate: int) -> None:
    """Write float32 [n] or [channels, n] as a WAV file: 16-bit PCM, or float if a sample exceeds -1..1.

    The level is kept. If writing fails, an existing file stays as it was.
    """
    values, subtype = np.atleast_2d(samples), "FLOAT"
    if max(values.max(initial=0), -values.min(initial=0)) <= 1:
        values, subtype = np.rint(values * 2.0**15).clip(-(2**15), 2**15 - 1).astype(np.int16), "PCM_16"
    with atomic_write(path) as temporary:
        soundfile.write(temporary, values.T, rate, subtype=subtype, format="WAV")


class Source:
    """The parts of an open file, and what their headers say.

    Attributes:
        tracks: the largest number of sound tracks of a part.
    """

    def __init__(self, file: BinaryIO) -> None:
        self.file = file
        self.parts = parts(file)
        self.tracks = 0
        self.expected_s = 0.0
        self.format = ""

    def frames(self) -> Iterator[AudioFrame | None]:
        """The frames of the first sound track of every part, and None for what cannot be decoded."""
        for number, part in enumerate(self.parts):
            try:
                yield from self._frames_of(part)
            except Undecodable:
                if number == 0:
                    raise
                yield None

    def _frames_of(self, part: BinaryIO) -> Iterator[AudioFrame | None]:
        with open_container(part) as container:
            track = sound_track(container)
            self.format = container.format.name
            self.tracks = max(self.tracks, len(container.streams.audio))
            self.expected_s += truncation.header_duration_s(container, track)
            yield from decode_frames(container, track)

    def is_damaged(self, missing: bool, duration_s: float) -> bool:
        """Whether a part of the file is missing or damaged.

        Args:
            missing: a part could not be decoded.
            duration_s: of what was decoded.
        """
        damaged = missing or duration_s < self.expected_s - truncation.TOLERANCE_S
        if self.format == "ogg":
            return damaged or not truncation.ogg_ends(self.file)
        return damaged and not (self.format == "wav" and truncation.wav_is_open_ended(self.parts[0]))


@contextmanager
def _open(path: Path, limits: Limits) -> Iterator[BinaryIO]:
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


def _collect(frames: Iterator[AudioFrame | None], limits: Limits) -> tuple[NDArray[np.float32], int, int, bool]:
    """Samples [channels, n], their rate, the number of replaced values, and whether a part was damaged."""
    buffer = bytearray()  # float32 [n, channels]; grows in place, so the samples never exist twice
    rate = channels = replaced = 0
    damaged = False
    for frame in frames:
        if frame is None:
            damaged = True
            continue
        if not buffer:
            rate, channels = frame.sample_rate, frame.layout.nb_channels
            if not limits.lowest_rate <= rate <= limits.highest_rate or channels > limits.most_channels:
                raise Undecodable(
                    f"{rate} Hz in {channels} channel(s) cannot be used; please save it as 44100 Hz stereo."
                )
            most = min(limits.longest_s * rate * channels, limits.most_values)
        values = frame.to_ndarray()
        usable = np.abs(values) <= LARGEST_SAMPLE
        replaced += values.size - int(usable.sum())
        buffer.extend(np.where(usable, values, np.float32(0)).tobytes())
        if len(buffer) // 4 > most:
            longest = _duration(most / channels / rate)
            raise TooLong(f"This recording is longer than {longest}; please cut it and try again.")
    if not buffer and damaged:
        raise Undecodable(f"Nothing in this file could be decoded; {OTHER_FORMAT}.")
    if not buffer:
        raise TooShort(f"There is no sound in this file; {LONGER}.")
    return np.frombuffer(buffer, np.float32).reshape(-1, channels).T, rate, replaced, damaged


def _duration(seconds: float) -> str:
    return f"{seconds / 60:.3g} minutes" if seconds >= 60 else f"{seconds:.3g} seconds"
