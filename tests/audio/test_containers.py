"""Files as phones, recorders and download tools leave them: read whole, and without a false warning."""

from __future__ import annotations

import io
import struct
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gender_audio.audio import CUT_SHORT, Undecodable
from gender_audio.audio.containers import View
from gender_audio.audio.errors import CUT_OFF
from tests import encoding
from tests.encoding import encode, mux, read, tones

RATE = 44_100
SOUND = tones(RATE, 1, 2.0)


def wav(length: int | None = None) -> bytes:
    """Two seconds; the header may say another length of the data."""
    content = encode("WAV/PCM_16", SOUND, RATE)
    if length is None:
        return content
    place = content.index(b"data") + 4
    riff = struct.pack("<I", min(length + 36, 0xFFFFFFFF))
    return content[:4] + riff + content[8:place] + struct.pack("<I", length) + content[place + 4 :]


def wma() -> bytes:
    """Two seconds as Windows records them."""
    file = io.BytesIO()
    with av.open(file, "w", format="asf") as output:
        stream = output.add_stream("wmav2", rate=RATE, layout="stereo")
        stream.bit_rate = 128_000
        frame = av.AudioFrame.from_ndarray(np.repeat(SOUND, 2, 0).astype(np.float32), format="fltp", layout="stereo")
        frame.sample_rate = RATE
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            output.mux(packet)
    return file.getvalue()


def two_tracks() -> bytes:
    """A video file with two sound tracks."""
    file = io.BytesIO()
    with av.open(file, "w", format="matroska") as output:
        streams = [output.add_stream("pcm_s16le", rate=RATE, layout="mono") for _ in range(2)]
        for stream, gain in zip(streams, (1.0, 0.0), strict=True):
            frame = av.AudioFrame.from_ndarray((gain * SOUND * 2**15).astype(np.int16), format="s16", layout="mono")
            frame.sample_rate = RATE
            for packet in [*stream.encode(frame), *stream.encode(None)]:
                output.mux(packet)
    return file.getvalue()


def mp3() -> bytes:
    return encode(encoding.MP3, SOUND, RATE)


ID3 = b"ID3\x04\0\0" + bytes([0, 0, 2, 0]) + bytes(256)
WHOLE: dict[str, tuple[Callable[[], bytes], float]] = {
    "wma": (wma, 2),
    "amr": (lambda: mux("amr", 8_000, ("libopencore_amrnb", tones(8_000, 1, 2.0))), 2),
    "caf": (lambda: encode("CAF/PCM_16", SOUND, RATE), 2),
    "3gp": (lambda: mux("3gp", RATE, ("aac", SOUND)), 2),
    "mov": (lambda: mux("mov", RATE, ("alac", SOUND), picture="mpeg4"), 2),
    "mp2": (lambda: mux("mp2", RATE, ("mp2", SOUND)), 2),
    "joined mp3": (lambda: mp3() + mp3(), 4),
    "mp3 before zeros": (lambda: mp3() + bytes(200_000), 2),
    "mp3 joined by zeros": (lambda: mp3() + bytes(3_000) + mp3(), 4),
    "chained ogg": (lambda: 2 * encode(encoding.VORBIS, SOUND, RATE), 4),
    "chained ogg of two rates": (
        lambda: encode(encoding.VORBIS, SOUND, RATE) + encode(encoding.VORBIS, tones(22_050, 1, 2.0), 22_050),
        4,
    ),
    "wav with a short header": (lambda: wav(RATE), 2),
    "wav without a length": (lambda: wav(0), 2),
    "wav of unknown length": (lambda: wav(0xFFFFFFFF), 2),
    "wav behind a tag": (lambda: ID3 + wav(), 2),
    "wav with a short header behind a tag": (lambda: ID3 + wav(RATE), 2),
}


@pytest.mark.parametrize("name", WHOLE)
def test_file_is_read_whole_without_a_warning(tmp_path: Path, name: str) -> None:
    content, duration_s = WHOLE[name]
    clip = read(tmp_path, content())
    assert clip.duration_s == pytest.approx(duration_s, abs=0.15)
    assert clip.warnings == ()
    half = clip.mono(clip.rate)[-clip.rate :]
    assert encoding.dominant_hz(half, clip.rate) == pytest.approx(300, abs=3)


def test_wav_keeps_the_chunks_after_its_data(tmp_path: Path) -> None:
    clip = read(tmp_path, wav() + b"LIST" + struct.pack("<I", 2_000) + bytes(2_000))
    assert clip.duration_s == pytest.approx(2) and clip.warnings == ()


def test_second_sound_track_is_mentioned(tmp_path: Path) -> None:
    clip = read(tmp_path, two_tracks())
    assert clip.duration_s == pytest.approx(2, abs=0.1) and np.abs(clip.samples).max() > 0.2
    assert clip.warnings == ("This file has 2 sound tracks; the first one was used.",)


def test_m4a_without_its_end_gets_advice(tmp_path: Path) -> None:
    content = encode(encoding.M4A, SOUND, RATE)
    with pytest.raises(Undecodable) as caught:
        read(tmp_path, content[: len(content) // 2])
    assert str(caught.value) == CUT_OFF


def test_missing_half_of_a_joined_file_is_noticed(tmp_path: Path) -> None:
    second = encode(encoding.VORBIS, SOUND, RATE)
    assert CUT_SHORT in read(tmp_path, second + second[: len(second) // 2]).warnings


@given(
    st.binary(min_size=1, max_size=200),
    st.lists(st.tuples(st.integers(-50, 250), st.integers(-1, 90)), max_size=8),
    st.integers(0, 190),
    st.binary(max_size=20),
)
def test_view_reads_like_the_patched_part(
    content: bytes, moves: list[tuple[int, int]], at: int, replacement: bytes
) -> None:
    start = len(content) // 4
    expected = bytearray(content[start:])
    kept = replacement[: max(0, len(expected) - at)]
    expected[at : at + len(kept)] = kept
    view, reference = View(io.BytesIO(content), start, len(content), (at, kept)), io.BytesIO(expected)
    for place, size in moves:
        assert view.seek(max(0, place)) == reference.seek(max(0, place))
        assert view.read(size) == reference.read(size)
        assert view.tell() == max(reference.tell(), 0)
