"""Files that FFmpeg would read only in part: WAV with a wrong length or behind a tag, and chained Ogg.

`parts` gives what FFmpeg must open, one after the other; most files are one part, as they are.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from itertools import pairwise
from os import SEEK_CUR, SEEK_END, SEEK_SET
from typing import BinaryIO

HEAD = 2**12
"""Bytes in which the data chunk of a WAV file begins."""
OPEN_ENDED = b"\xff\xff\xff\xff"
"""Length of a data chunk that ends with the file."""
OGG_HEADER = 27
BEGINS = 2
"""Flag of an Ogg page that begins a stream."""
PIECE = 2**20


class View(io.RawIOBase):
    """A part of a file, in which some bytes are replaced.

    Args:
        start, end: of the part in the file.
        patch: place in the part and the bytes that are read there.
    """

    def __init__(self, file: BinaryIO, start: int, end: int, patch: tuple[int, bytes] = (0, b"")) -> None:
        self.file, self.start, self.size, self.patch = file, start, end - start, patch
        self.place = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = SEEK_SET) -> int:
        origin = {SEEK_SET: 0, SEEK_CUR: self.place, SEEK_END: self.size}[whence]
        self.place = max(0, origin + offset)
        return self.place

    def tell(self) -> int:
        return self.place

    def read(self, size: int = -1) -> bytes:
        left = max(0, self.size - self.place)
        self.file.seek(self.start + self.place)
        content = bytearray(self.file.read(left if size < 0 else min(size, left)))
        at, replacement = self.patch
        for number, value in enumerate(replacement, at - self.place):
            if 0 <= number < len(content):
                content[number] = value
        self.place += len(content)
        return bytes(content)


def parts(file: BinaryIO) -> list[BinaryIO]:
    """The parts of a file that are decoded one after the other. Reading from one moves the file."""
    size = file.seek(0, SEEK_END)
    start = _tag_length(file)
    file.seek(start)
    head = file.read(HEAD)
    if head.startswith(b"RIFF") and head[8:12] == b"WAVE":
        return [_wav(file, start, size, head)]
    if head.startswith(b"OggS"):
        links = [*_ogg_links(file), size]
        if len(links) > 2:
            return [View(file, first, end) for first, end in pairwise(links)]  # type: ignore[misc]
    file.seek(0)
    return [file]


def _tag_length(file: BinaryIO) -> int:
    """Bytes of the ID3 tag in front of a file."""
    file.seek(0)
    head = file.read(10)
    if not head.startswith(b"ID3") or len(head) < 10:
        return 0
    return 10 + sum((byte & 0x7F) << shift for byte, shift in zip(head[6:], (21, 14, 7, 0), strict=True))


def _wav(file: BinaryIO, start: int, size: int, head: bytes) -> BinaryIO:
    """A WAV file without the tag in front; if more follows its data than its header says, it is read to the end."""
    place = head.find(b"data", 12) + 4
    length = int.from_bytes(head[place : place + 4], "little")
    end = start + place + 4 + length + length % 2
    patch = (
        (place, OPEN_ENDED) if place > 4 and length > 0 and end < size and not _is_chunk(file, end, size) else (0, b"")
    )
    if not start and not patch[1]:
        file.seek(0)
        return file
    return View(file, start, size, patch)  # type: ignore[return-value]


def _is_chunk(file: BinaryIO, place: int, size: int) -> bool:
    """Whether a chunk of a RIFF file, or nothing but padding, is at a place."""
    file.seek(place)
    head = file.read(8)
    if not head.strip(b"\0"):
        return True
    return len(head) == 8 and head[:4].isascii() and head[:4].decode().isprintable() and _fits(head, place, size)


def _fits(head: bytes, place: int, size: int) -> bool:
    return place + 8 + int(struct.unpack("<I", head[4:])[0]) <= size + 1


def _ogg_links(file: BinaryIO) -> Iterator[int]:
    """Where the links of a chained Ogg file begin: at a page that begins a stream, after pages that do not."""
    place, between = 0, True
    while True:
        file.seek(place)
        header = file.read(OGG_HEADER)
        if len(header) < OGG_HEADER or not header.startswith(b"OggS"):
            return
        begins = bool(header[5] & BEGINS)
        if begins and between:
            yield place
        between = not begins
        place += OGG_HEADER + header[26] + sum(file.read(header[26]))
