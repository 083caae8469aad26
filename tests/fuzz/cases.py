"""One file for each case number: the same number always gives the same bytes."""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np

from tests import encoding

RATE = 8_000
EXTREME = (0, 1, 0x7F, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)
"""Values that headers get in place of their own."""
NAMES = ("clip", "clip.wav", "clip.mp3", "ä ö 歌.flac", "-rf.m4a", "a\nb.ogg", "x" * 200 + ".webm", "clip.m3u8", "%s")


@dataclass(frozen=True)
class Case:
    """One file.

    Attributes:
        kind: how it was made.
        name, content: of the file.
        refers: the content is only a reference to other files, so it must be refused.
    """

    kind: str
    name: str
    content: bytes
    refers: bool = False


@cache
def valid_files() -> tuple[bytes, ...]:
    """One short file of every kind that can be read."""
    formats = (*encoding.LOSSLESS, encoding.MP3, encoding.M4A, encoding.AAC, encoding.OPUS, encoding.WEBM)
    return tuple(encoding.encoded(name, 48_000, 2, 1.5) for name in (*formats, encoding.VORBIS, encoding.FRAGMENTED))


def make_case(number: int, targets: tuple[str, ...] = ()) -> Case:
    """The case of a number.

    Args:
        targets: paths and addresses that playlists refer to.
    """
    rng = np.random.default_rng(number)
    name = str(rng.choice(NAMES))
    if targets and rng.random() < 0.1:
        return _reference(rng, name, str(rng.choice(targets)))
    if rng.random() < 0.25:
        return Case("grammar", name, _wav(rng))
    return Case("mutation", name, _mutated(rng))


def _mutated(rng: np.random.Generator) -> bytes:
    files = valid_files()
    content = bytearray(files[rng.integers(len(files))])
    for _ in range(rng.integers(1, 6)):
        change: Callable[[np.random.Generator, bytearray], bytearray] = CHANGES[rng.integers(len(CHANGES))]
        content = change(rng, content) or bytearray(b"\0")
    return bytes(content)


def _place(rng: np.random.Generator, content: bytearray) -> int:
    """A random place; half of them are in the header."""
    return int(rng.integers(min(len(content), 256) if rng.random() < 0.5 else len(content)))


def _flip(rng: np.random.Generator, content: bytearray) -> bytearray:
    content[_place(rng, content)] ^= 1 << int(rng.integers(8))
    return content


def _overwrite(rng: np.random.Generator, content: bytearray) -> bytearray:
    start = _place(rng, content)
    content[start : start + 64] = rng.bytes(int(rng.integers(1, 64)))
    return content


def _extreme(rng: np.random.Generator, content: bytearray) -> bytearray:
    start, width = _place(rng, content), int(rng.choice([1, 2, 4, 8]))
    value = int(rng.choice(EXTREME)) & (256**width - 1)
    content[start : start + width] = value.to_bytes(width, "little" if rng.random() < 0.5 else "big")
    return content


def _cut(rng: np.random.Generator, content: bytearray) -> bytearray:
    return content[: _place(rng, content) + 1]


def _delete(rng: np.random.Generator, content: bytearray) -> bytearray:
    start = _place(rng, content)
    return content[:start] + content[start + int(rng.integers(1, 2_000)) :]


def _repeat(rng: np.random.Generator, content: bytearray) -> bytearray:
    start = _place(rng, content)
    return content[:start] + content[start : start + int(rng.integers(1, 2_000))] * int(rng.integers(2, 20))


def _zeros(rng: np.random.Generator, content: bytearray) -> bytearray:
    start = _place(rng, content)
    return content[:start] + bytes(int(rng.integers(1, 20_000))) + content[start:]


def _splice(rng: np.random.Generator, content: bytearray) -> bytearray:
    """The beginning of one file and the end of another."""
    other = valid_files()[rng.integers(len(valid_files()))]
    return content[: _place(rng, content)] + other[int(rng.integers(len(other))) :]


def _tag(rng: np.random.Generator, content: bytearray) -> bytearray:
    """An ID3 tag in front, whose cover claims any size."""
    size = int(rng.choice([0, 10, 1_000, 0x0FFFFFFF]))
    length = bytes((size >> shift) & 0x7F for shift in (21, 14, 7, 0))
    return bytearray(b"ID3\x04\0\0" + length + b"APIC" + struct.pack(">I", size) + rng.bytes(200)) + content


CHANGES = (_flip, _overwrite, _extreme, _cut, _delete, _repeat, _zeros, _splice, _tag)


def _wav(rng: np.random.Generator) -> bytes:
    """A WAV file whose header and samples may be impossible."""

    def usually(value: int, *others: int) -> int:
        return value if rng.random() < 0.6 else int(rng.choice(others))

    float_samples = rng.random() < 0.5
    channels = usually(1, 0, 2, 8, 9, 200, 65_535)
    rate = usually(RATE, 0, 1, 192_000, 4_000_000_000)
    bits = usually(32 if float_samples else 16, 0, 7, 8, 24, 64)
    samples = rng.normal(0, 0.1, int(rng.choice([0, 1, 4_000, 8_000, 40_000]))).astype(np.float32)
    if float_samples and len(samples):
        special = np.float32([np.nan, np.inf, -np.inf, 1e-42, 3e38, 1e6, 0])
        places = rng.integers(len(samples), size=len(samples) if rng.random() < 0.2 else 20)
        samples[places] = rng.choice(special, len(places))
        data = samples.tobytes()
    else:
        data = np.clip(np.nan_to_num(samples) * 2**15, -(2**15), 2**15 - 1).astype("<i2").tobytes()
    size = usually(len(data), 0, 1, 0x7FFFFFFF, 0xFFFFFFFF)
    coding = usually(3 if float_samples else 1, 0, 2, 6, 7, 17, 85, 0xFFFE)
    align = usually(max(1, channels * bits // 8) & 0xFFFF, 0, 1, 65_535)
    form = struct.pack("<HHIIHH", coding, channels, rate, (rate * align) & 0xFFFFFFFF, align, bits)
    chunks = b"fmt " + struct.pack("<I", usually(16, 0, 14, 40, 0xFFFFFFFF)) + form
    chunks += b"LIST" + struct.pack("<I", 4) + b"INFO" if rng.random() < 0.3 else b""
    riff = b"RIFF" + struct.pack("<I", usually((36 + size) & 0xFFFFFFFF, 0)) + b"WAVE"
    return riff + chunks + b"data" + struct.pack("<I", size) + data


def _reference(rng: np.random.Generator, name: str, target: str) -> Case:
    """A playlist or a description of a session that names another file."""
    texts = {
        "hls": f"#EXTM3U\n#EXT-X-TARGETDURATION:3\n#EXTINF:3,\n{target}\n#EXT-X-ENDLIST\n",
        "concat": f"ffconcat version 1.0\nfile '{target}'\n",
        "session": f"v=0\no=- 0 0 IN IP4 127.0.0.1\ns={target}\nc=IN IP4 127.0.0.1\nm=audio 9 RTP/AVP 0\n",
        "cue": f'FILE "{target}" WAVE\n  TRACK 01 AUDIO\n    INDEX 01 00:00:00\n',
        "dash": f'<?xml version="1.0"?><MPD><Period><BaseURL>{target}</BaseURL></Period></MPD>',
        "pls": f"[playlist]\nFile1={target}\nNumberOfEntries=1\n",
    }
    kind = str(rng.choice(list(texts)))
    return Case(kind, name, texts[kind].encode(), refers=True)
