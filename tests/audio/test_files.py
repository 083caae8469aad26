"""Reading and writing files. Each channel of a test signal is another tone, so a swapped or lost channel is noticed."""

from __future__ import annotations

import io
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from gender_audio import audio
from gender_audio.audio import CUT_SHORT, Limits, decode
from tests.encoding import (
    AAC,
    FRAGMENTED,
    LOSSLESS,
    LOSSY,
    M4A,
    MP3,
    OPUS,
    VORBIS,
    WEBM,
    dominant_hz,
    encode,
    encoded,
    mux,
    read,
    tones,
)


@pytest.mark.parametrize("channels", [1, 2, 5, 8])
@pytest.mark.parametrize("rate", [4000, 44100, 192000])
@pytest.mark.parametrize("name", LOSSLESS)
def test_read_lossless_formats_exactly(tmp_path, name, rate, channels):
    expected = tones(rate, channels, 0.5)
    clip = read(tmp_path, encode(name, expected, rate))
    assert clip.samples.dtype == np.float32
    assert clip.rate == rate
    assert clip.warnings == ()
    # libsndfile scales full scale to 2^(bits-1) - 1 and rounds or truncates: at most two steps.
    np.testing.assert_allclose(clip.samples, expected, rtol=0, atol=2.0 ** (2 - LOSSLESS[name]))


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("rate", [8000, 16000, 24000, 48000])
@pytest.mark.parametrize("name", LOSSY)
def test_read_lossy_formats_keeps_length_and_pitch(tmp_path, name, rate, channels):
    clip = read(tmp_path, encoded(name, rate, channels))
    assert clip.warnings == ()
    assert clip.samples.shape[0] == channels
    assert clip.duration_s == pytest.approx(1.0, abs=0.02 + 2 * 1152 / clip.rate)  # two frames of delay
    for c, channel in enumerate(clip.samples):
        assert dominant_hz(channel, clip.rate) == pytest.approx(300 + 100 * c, abs=3)


@pytest.mark.parametrize("name", [VORBIS, MP3, M4A, WEBM])
def test_read_ignores_the_extension(tmp_path, name):
    clip = read(tmp_path, encoded(name), name="song.wav")
    assert dominant_hz(clip.samples[0], clip.rate) == pytest.approx(300, abs=3)


def test_read_sound_of_a_video(tmp_path):
    clip = read(tmp_path, mux("mp4", 44100, ("aac", tones(44100, 2)), picture="mpeg4"))
    assert dominant_hz(clip.samples[1], clip.rate) == pytest.approx(400, abs=3)


def test_read_never_decodes_cover_art(tmp_path):
    picture = mux("image2pipe", 0, None, picture="png")
    with decode.open_container(io.BytesIO(picture)) as container:
        assert container.streams.video[0].width == 0
    art = b"\0image/png\0\3\0" + picture
    tag = b"APIC" + len(art).to_bytes(4, "big") + b"\0\0" + art
    size = bytes(len(tag) >> shift & 0x7F for shift in (21, 14, 7, 0))
    clip = read(tmp_path, b"ID3\3\0\0" + size + tag + encoded(MP3))
    assert clip.duration_s == pytest.approx(1.0, abs=0.08)


def test_read_accepts_undecodable_metadata(tmp_path):
    head, data, samples = encode("WAV/PCM_16", tones()).partition(b"data")
    title = b"LIST\x10\0\0\0INFOINAM\4\0\0\0\xff\xfe\x81\0"
    assert read(tmp_path, head + title + data + samples).duration_s == 1.0


def test_read_does_not_trust_a_length_guessed_from_the_bit_rate(tmp_path):
    """An MP3 of variable bit rate that begins with silence and has no header with its length."""
    noise = np.random.default_rng(0).uniform(-0.5, 0.5, (1, 32000))
    content = encode("MP3/MPEG_LAYER_III", np.hstack([np.zeros((1, 32000)), noise]), 16000)
    clip = read(tmp_path, content.replace(b"Xing", b"none").replace(b"Info", b"none"))
    assert clip.duration_s == pytest.approx(4.0, abs=0.2)
    assert clip.warnings == ()


def test_read_resamples_after_a_change_of_rate_and_channels(tmp_path):
    clip = read(tmp_path, encoded(MP3, 48000, 2) + encoded(MP3, 24000, 1))
    assert clip.duration_s == pytest.approx(2.0, abs=0.1)
    for second in np.split(clip.samples[0, : 2 * clip.rate], [clip.rate]):
        assert dominant_hz(second, clip.rate) == pytest.approx(300, abs=3)


@pytest.mark.parametrize("name", ["WAV/PCM_16", "FLAC/PCM_16", "AIFF/PCM_16", OPUS, MP3, AAC, WEBM, FRAGMENTED])
def test_read_truncated_file_warns(tmp_path, name):
    whole = encoded(name, seconds=6.0)
    assert read(tmp_path, whole).warnings == ()
    clip = read(tmp_path, whole[: len(whole) // 2])
    assert 1.0 < clip.duration_s < 4.0
    assert clip.warnings == (CUT_SHORT,)
    assert dominant_hz(clip.samples[0], clip.rate) == pytest.approx(300, abs=3)


@pytest.mark.parametrize(("size", "cut"), [(10**6, True), (0x7FFFFFFF, False), (0xFFFFFFFF, False), (0, False)])
def test_read_wav_with_a_wrong_size_in_its_header(tmp_path, size, cut):
    head, chunk, data = encode("WAV/PCM_16", tones()).partition(b"data")
    clip = read(tmp_path, head + chunk + size.to_bytes(4, "little") + data[4:])
    assert clip.duration_s == 1.0
    assert clip.warnings == ((CUT_SHORT,) if cut else ())


def test_read_accepts_silence(tmp_path):
    clip = read(tmp_path, encode("WAV/PCM_16", np.zeros((2, 8000))))
    assert clip.warnings == ()
    assert not clip.samples.any()


@pytest.mark.parametrize("name", ["WAV/FLOAT", "AIFF/FLOAT", "WAV/DOUBLE"])
def test_read_replaces_nan_and_infinity(tmp_path, name):
    samples = tones(channels=2)
    samples[0, 100:104] = np.nan, np.inf, -np.inf, 3e38
    clip = read(tmp_path, encode(name, samples))
    assert len(clip.warnings) == 1
    assert "(4)" in clip.warnings[0]
    np.testing.assert_array_equal(clip.samples[0, 100:104], 0)
    np.testing.assert_allclose(clip.samples[1], samples[1], atol=1e-7)


def silence(seconds: int) -> bytes:
    return encode("FLAC/PCM_16", np.zeros((1, 8000 * seconds), np.int16))


BAD = {
    "empty": (lambda: b"", audio.EmptyFile),
    "text": (lambda: b"la la la\n" * 1000, audio.Undecodable),
    "noise": (lambda: np.random.default_rng(0).bytes(50_000), audio.Undecodable),
    "zeros": (lambda: bytes(50_000), audio.Undecodable),
    "half an m4a": (lambda: encoded(M4A)[:3000], audio.Undecodable),
    "unknown container": (lambda: encode("AU/PCM_16", tones()), audio.Undecodable),
    "unknown codec": (lambda: encode("WAV/MS_ADPCM", tones()), audio.Undecodable),
    "nine channels": (lambda: encode("WAV/PCM_16", tones(channels=9)), audio.Undecodable),
    "3 kHz": (lambda: encoded("WAV/PCM_16", 3000), audio.Undecodable),
    "200 kHz": (lambda: encoded("WAV/PCM_16", 200_000), audio.Undecodable),
    "picture": (lambda: mux("image2pipe", 0, None, picture="png"), audio.NoAudio),
    "silent film": (lambda: mux("mp4", 0, None, picture="mpeg4"), audio.NoAudio),
    "no samples": (lambda: encode("WAV/PCM_16", np.zeros((1, 0))), audio.TooShort),
    "0.4 s": (lambda: encoded("WAV/PCM_16", seconds=0.4), audio.TooShort),
    "over 12 minutes": (lambda: silence(721), audio.TooLong),
    "only NaN": (lambda: encode("WAV/FLOAT", np.full((1, 8000), np.nan)), audio.NotFinite),
}


@pytest.mark.parametrize("name", BAD)
def test_read_rejects_bad_files_with_one_sentence(tmp_path, name):
    make, error = BAD[name]
    with pytest.raises(audio.AudioError) as caught:
        read(tmp_path, make())
    assert caught.type is error
    assert str(caught.value).endswith(".")
    assert "\n" not in str(caught.value)


def test_read_accepts_files_at_the_limits(tmp_path):
    assert read(tmp_path, silence(720)).duration_s == 720
    assert read(tmp_path, encoded("WAV/PCM_16", seconds=0.5)).duration_s == 0.5
    content = encode("WAV/PCM_16", tones())
    assert read(tmp_path, content, Limits(largest_bytes=len(content))).duration_s == 1
    with pytest.raises(audio.TooLarge, match="shorten"):
        read(tmp_path, content, Limits(largest_bytes=len(content) - 1))


def test_read_raises_not_found_for_files_it_cannot_open(tmp_path, monkeypatch):
    for path in (
        tmp_path / "missing.wav",
        tmp_path,
        tmp_path / ("x" * 5000),
        Path("a\0b"),
        Path("/dev/zero"),
    ):
        with pytest.raises(audio.NotFound):
            audio.read(path)

    def refuse(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(audio.NotFound, match="allowed"):
        audio.read(Path(__file__))


@pytest.mark.parametrize("allowed", [(), ("hls", "concat")])
@pytest.mark.parametrize(
    "text",
    [
        "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{0}\n#EXT-X-ENDLIST\n",
        "ffconcat version 1.0\nfile '{0}'\n",
        "ffconcat version 1.0\nfile secret.wav\n",
    ],
)
def test_read_playlist_never_opens_another_file(tmp_path, monkeypatch, text, allowed):
    """The format is rejected, and even an allowed format could not open a file, because no protocol is allowed."""
    secret = tmp_path / "secret.wav"
    audio.write(secret, tones(), 8000)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(decode, "CONTAINERS", decode.CONTAINERS + allowed)
    with pytest.raises(audio.Undecodable):
        read(tmp_path, text.format(secret).encode(), name="list.wav")


def test_read_stops_a_decompression_bomb_at_the_limit(tmp_path):
    samples = np.zeros((8, 192_000 * 20), np.int16)
    content = encode("FLAC/PCM_16", samples, 192_000)
    assert len(content) < samples.nbytes / 100
    tracemalloc.start()
    with pytest.raises(audio.TooLong):
        read(tmp_path, content, Limits(most_values=500_000))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < samples.nbytes / 4


@settings(max_examples=150, deadline=None)
@given(
    name=st.sampled_from([*LOSSLESS, *LOSSY]),
    kept_share=st.floats(0, 1),
    damage=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), max_size=30),
    damaged_bytes=st.sampled_from([64, 512, 10**6]),
)
def test_read_damaged_file_is_finite_or_an_audio_error(tmp_path_factory, name, kept_share, damage, damaged_bytes):
    content = bytearray(encoded(name, 16000))
    for where, value in damage:
        content[int(where * min(damaged_bytes, len(content)))] = value
    try:
        clip = read(tmp_path_factory.getbasetemp(), content[: round(kept_share * len(content))], name="damaged")
    except audio.AudioError:
        return
    assert np.isfinite(clip.samples).all()
    assert clip.duration_s >= audio.LIMITS.shortest_s


@settings(max_examples=40, deadline=None)
@given(
    samples=arrays(np.float32, st.tuples(st.integers(1, 8), st.just(4000)), elements=st.floats(-1, 1, width=32)),
    rate=st.sampled_from([4000, 8000]),
)
def test_write_stores_the_samples(tmp_path_factory, samples, rate):
    path = tmp_path_factory.getbasetemp() / "written"
    audio.write(path, samples, rate)
    stored, stored_rate = soundfile.read(path, always_2d=True)  # `read` would remove an offset
    assert stored_rate == rate
    np.testing.assert_allclose(stored.T, samples, rtol=0, atol=1 / 32767)


@pytest.mark.parametrize(("loudest", "subtype"), [(1, "PCM_16"), (2, "FLOAT")])
def test_write_uses_float_beyond_full_scale(tmp_path, loudest, subtype):
    samples = np.repeat(np.array([loudest, -loudest, 1e-3, 0], np.float32), 2000)
    audio.write(tmp_path / "x.wav", samples, 8000)
    assert soundfile.info(tmp_path / "x.wav").subtype == subtype
    np.testing.assert_allclose(audio.read(tmp_path / "x.wav").samples[0], samples, rtol=0, atol=1 / 32767)
