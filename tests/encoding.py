"""Test signals in every format, named `container/codec`: libsndfile writes names in capitals, FFmpeg the others."""

from __future__ import annotations

import io
from functools import cache
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
import soundfile

from gender_audio import audio
from gender_audio.audio import Limits

SIGNIFICANT_BITS = {
    8: "WAV/PCM_U8 FLAC/PCM_S8 AIFF/PCM_S8",
    16: "WAV/PCM_16 WAVEX/PCM_16 RF64/PCM_16 FLAC/PCM_16 AIFF/PCM_16",
    # 24 bits of float32, to which 32-bit integers and doubles are converted
    24: "WAV/PCM_24 WAVEX/PCM_24 FLAC/PCM_24 AIFF/PCM_24 WAV/PCM_32 AIFF/PCM_32 WAV/FLOAT WAV/DOUBLE",
}
LOSSLESS = {name: bits for bits, names in SIGNIFICANT_BITS.items() for name in names.split()}
MP3, M4A, AAC, OPUS, WEBM = "mp3/libmp3lame", "ipod/aac", "adts/aac", "ogg/libopus", "webm/libopus"
VORBIS, FRAGMENTED = "OGG/VORBIS", "mp4/aac"
LOSSY = (MP3, M4A, AAC, OPUS, WEBM, VORBIS, FRAGMENTED, "ipod/alac", "MP3/MPEG_LAYER_III", "OGG/OPUS")


def tones(rate: int = 8000, channels: int = 1, seconds: float = 1.0) -> np.ndarray:
    """A sine of 300 + 100 c Hz in channel c: float64 [channels, n]."""
    t = np.arange(round(seconds * rate)) / rate
    return np.stack([0.3 * np.sin(2 * np.pi * (300 + 100 * c) * t) for c in range(channels)])


def dominant_hz(x: np.ndarray, rate: int) -> float:
    """The frequency with the highest magnitude."""
    return float(np.abs(np.fft.rfft(x * np.hanning(len(x)))).argmax()) * rate / len(x)


def encode(name: str, samples: np.ndarray, rate: int = 8000) -> bytes:
    container, _, codec = name.partition("/")
    if container.islower():
        return mux(container, rate, sound=(codec, samples))
    file = io.BytesIO()
    soundfile.write(file, samples.T, rate, format=container, subtype=codec)
    return file.getvalue()


@cache
def encoded(name: str, rate: int = 48000, channels: int = 1, seconds: float = 1.0) -> bytes:
    return encode(name, tones(rate, channels, seconds), rate)


def mux(container: str, rate: int, sound: tuple[str, np.ndarray] | None, picture: str | None = None) -> bytes:
    """A file written by FFmpeg with an audio stream (codec, samples), a black picture (codec), or both."""
    if missing := {sound and sound[0], picture} - {None} - av.codecs_available:
        pytest.skip(f"this build of PyAV has no {missing}")
    file = io.BytesIO()
    options = {"movflags": "frag_keyframe+empty_moov"} if f"{container}/aac" == FRAGMENTED else {}
    with av.open(file, "w", format=container, container_options=options) as output:
        streams: list[tuple[Any, Any]] = []
        if picture:
            stream: Any = output.add_stream(picture, rate=10)
            stream.width, stream.height = 64, 64
            stream.pix_fmt = "rgb24" if picture == "png" else "yuv420p"
            streams.append((stream, av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8))))
        if sound:
            codec, samples = sound
            layout = "mono" if len(samples) == 1 else "stereo"
            stream = output.add_stream(codec, rate=rate, layout=layout)
            frame = av.AudioFrame.from_ndarray(samples.astype(np.float32), format="fltp", layout=layout)
            frame.sample_rate = rate
            streams.append((stream, frame))
        for stream, frame in streams:
            for packet in [*stream.encode(frame), *stream.encode(None)]:
                output.mux(packet)
    return file.getvalue()


def read(folder: Path, content: bytes, limits: Limits = audio.LIMITS, name: str = "clip") -> audio.Clip:
    path = folder / name
    path.write_bytes(content)
    return audio.read(path, limits)
