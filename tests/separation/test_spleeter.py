"""Deezer's Spleeter in this process: its stems with known networks, and with the published weights."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from gender_audio import separation, synth, weights
from gender_audio.audio import Clip
from gender_audio.separation import Stems
from gender_audio.separation.spleeter import CHUNKS, Spleeter, Transform

RATE = 44_100


class ConstantShare(torch.nn.Module):
    """Estimates the same share of every bin."""

    def __init__(self, share: float) -> None:
        super().__init__()
        self.share = share

    def forward(self, magnitude: torch.Tensor) -> torch.Tensor:
        assert magnitude.shape[1] == 2 and magnitude.shape[2] <= 512 and magnitude.shape[3] == 1024
        assert not magnitude.shape[2] % 64
        return self.share * magnitude


@pytest.fixture(scope="module")
def spleeter() -> Spleeter:
    return Spleeter.load()


def constant(vocals: float, accompaniment: float, **options: float) -> Spleeter:
    return Spleeter(ConstantShare(vocals), ConstantShare(accompaniment), Transform(**options))  # type: ignore[arg-type]


def noise(seconds: float, rate: int = RATE, channels: int = 1, level: float = 0.1) -> Clip:
    shape = (channels, max(1, round(seconds * rate)))
    return Clip(np.random.default_rng(0).standard_normal(shape).astype(np.float32) * np.float32(level), rate)


def check_stems(stems: Stems, clip: Clip) -> None:
    """Stems are finite, have the channels and the length of the clip, and add up to it."""
    expected = clip.mono_or_stereo(RATE)
    assert stems.rate == RATE
    assert stems.vocals.shape == stems.accompaniment.shape == expected.shape
    assert stems.vocals.dtype == np.float32
    assert np.isfinite(stems.vocals).all()
    tolerance = 1e-6 * max(1.0, float(np.abs(expected).max()))
    np.testing.assert_allclose(stems.vocals + stems.accompaniment, expected, rtol=0, atol=tolerance)


@pytest.mark.slow
@settings(max_examples=12, deadline=None)
@given(
    seconds=st.floats(0, 5),
    rate=st.sampled_from([4000, 16_000, 44_100, 48_000, 192_000]),
    channels=st.integers(1, 3),
    level=st.sampled_from([0.0, 1e-6, 0.1, 1.0, 1e4]),
)
def test_stems_of_any_clip_add_up_to_it(
    spleeter: Spleeter, seconds: float, rate: int, channels: int, level: float
) -> None:
    clip = noise(seconds, rate, channels, level)
    check_stems(spleeter(clip), clip)


@pytest.mark.parametrize("samples", [1, 2, 1023, 1024, 1025, 4097])
@pytest.mark.parametrize("channels", [1, 2])
def test_clip_of_a_few_samples_is_separated(spleeter: Spleeter, samples: int, channels: int) -> None:
    clip = noise(samples / RATE, channels=channels)
    check_stems(spleeter(clip), clip)


def test_silence_stays_silent(spleeter: Spleeter) -> None:
    assert not spleeter(noise(1, level=0)).vocals.any()


@settings(max_examples=8, deadline=None)
@given(seconds=st.floats(0.01, 25), channels=st.integers(1, 2), edge_s=st.sampled_from([0, 0.65]))
def test_mask_is_the_share_of_the_energy(seconds: float, channels: int, edge_s: float) -> None:
    time_s = np.arange(round(seconds * RATE)) / RATE
    tones = np.stack([np.sin(2 * np.pi * hertz * time_s) for hertz in (441, 882)][:channels]).astype(np.float32)
    vocals = constant(0.3, 0.4, edge_s=edge_s)(Clip(tones, RATE)).vocals
    inside = slice(2048, -2048) if seconds > 0.2 else slice(0, 0)  # an abrupt start is heard at every frequency
    np.testing.assert_allclose(vocals[:, inside], 9 / 25 * tones[:, inside], atol=2e-3)


def test_everything_above_11_khz_belongs_to_the_accompaniment() -> None:
    time_s = np.arange(2 * RATE) / RATE
    low, high = (np.sin(2 * np.pi * hertz * time_s).astype(np.float32)[None] for hertz in (10_500, 11_500))
    separate = constant(1, 0)
    for tone, share in ((low, 1), (high, 0)):
        np.testing.assert_allclose(
            separate(Clip(tone, RATE)).vocals[:, 4096:-4096], share * tone[:, 4096:-4096], atol=2e-3
        )


def test_longest_chunk_is_one_segment_of_spleeter() -> None:
    spectrum = Transform().forward(torch.zeros(1, round(CHUNKS.length_s * RATE)))
    assert spectrum.shape == (1, 2049, 512)


@pytest.mark.parametrize("samples", [1, 1023, 1024, 1025, 3000, 44_100])
def test_transform_can_be_inverted(samples: int) -> None:
    signal = torch.randn(2, samples, generator=torch.Generator().manual_seed(0))
    transform = Transform()
    torch.testing.assert_close(transform.inverse(transform.forward(signal), samples), signal, atol=1e-5, rtol=0)


def test_mono_is_the_mean_of_both_sides(spleeter: Spleeter) -> None:
    voice = synth.example("female-like").samples[:, :RATE]
    mono, stereo = spleeter(Clip(voice, RATE)).vocals, spleeter(Clip(np.concatenate([voice, voice]), RATE)).vocals
    assert mono.shape == voice.shape
    np.testing.assert_allclose(mono[0], stereo.mean(0), atol=1e-6)


def test_channels_are_not_swapped(spleeter: Spleeter) -> None:
    voice = synth.example("female-like").samples[0, :RATE]
    left, right = np.sqrt(np.square(spleeter(Clip(np.stack([voice, 0.1 * voice]), RATE)).vocals).mean(1))
    assert 5 < left / right < 20


@pytest.mark.parametrize("rate", [RATE, 48_000])
def test_clip_is_not_modified(rate: int) -> None:
    clip = noise(1, rate, channels=2)
    before = clip.samples.copy()
    constant(0.5, 0.5)(clip)
    np.testing.assert_array_equal(clip.samples, before)


@pytest.mark.slow
def test_voice_is_kept_and_music_is_removed(spleeter: Spleeter) -> None:
    def share_db(samples: np.ndarray) -> float:
        return float(10 * np.log10(np.square(spleeter(Clip(samples, RATE)).vocals).mean() / np.square(samples).mean()))

    notes = [synth.Note(0.5 * number, 0.5, 60 + number) for number in range(8)]
    assert share_db(synth.sing(notes, synth.FEMALE)[None]) > -6
    assert share_db(synth.example("instrumental").samples) < -30


def test_fingerprint_depends_on_feature_and_weights(monkeypatch: pytest.MonkeyPatch) -> None:
    card, name = weights.card("spleeter"), separation.separator_fingerprint("spleeter")
    assert name not in ("", separation.separator_fingerprint("unet"))
    for other in (
        replace(card, fingerprint=Transform(edge_s=0).fingerprint),
        replace(card, files={"vocals": "another"}),
    ):
        monkeypatch.setattr(weights, "card", lambda *_, other=other: other)
        assert separation.separator_fingerprint("spleeter") != name
