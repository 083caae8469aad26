"""The embedded separator, with networks whose masks are known."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from gender_audio import separation, weights
from gender_audio.audio import Clip
from gender_audio.models.unet import MaskNet
from gender_audio.separation.unet import Chunks, Transform, Unet, separate_vocals


class ConstantMask(torch.nn.Module):
    """A mask with the same value in every bin."""

    def __init__(self, value: float) -> None:
        super().__init__()
        self.value = value

    def forward(self, spectrum: torch.Tensor) -> torch.Tensor:
        return torch.full_like(spectrum, self.value)


def noise(seconds: float, seed: int = 0, channels: int = 1) -> Clip:
    shape = (channels, round(seconds * 16_000))
    return Clip(np.random.default_rng(seed).standard_normal(shape).astype(np.float32) * 0.1, 16_000)


@settings(max_examples=20, deadline=None)
@given(seconds=st.floats(0.5, 30), value=st.floats(0, 1))
def test_stems_sum_to_the_mixture(seconds: float, value: float) -> None:
    clip = noise(seconds)
    stems = Unet(ConstantMask(value), chunks=Chunks(4.0, 0.5))(clip)
    assert stems.vocals.shape == stems.accompaniment.shape == clip.samples.shape
    np.testing.assert_allclose(stems.vocals + stems.accompaniment, clip.samples, atol=1e-6)


@pytest.mark.parametrize("seconds", [0.5, 3.0, 12.0, 12.01, 23.0, 40.0])
def test_open_mask_returns_the_clip(seconds: float) -> None:
    tone = np.sin(2 * np.pi * 440 * np.arange(round(seconds * 16_000)) / 16_000).astype(np.float32)
    stems = Unet(ConstantMask(1.0))(Clip(tone[None], 16_000))
    np.testing.assert_allclose(stems.vocals[0], tone, atol=2e-3)


class LowPassMask(torch.nn.Module):
    """A mask that passes only low frequencies."""

    def forward(self, spectrum: torch.Tensor) -> torch.Tensor:
        return (torch.arange(spectrum.shape[1]) < 20)[None, :, None].expand_as(spectrum).to(spectrum.dtype)


@pytest.mark.parametrize("rest", [0, 1, 384, 385, 767])
def test_end_of_the_clip_is_not_amplified(rest: int) -> None:
    vocals = Unet(LowPassMask())(Clip(noise(3).samples[:, : 768 * 40 + rest], 16_000)).vocals[0]
    assert np.abs(vocals[-200:]).max() < 2 * np.abs(vocals[:-200]).max()


def test_closed_mask_returns_silence() -> None:
    assert not Unet(ConstantMask(0.0))(noise(5)).vocals.any()


def test_chunks_cover_the_clip() -> None:
    spans = list(Chunks().spans(16_000 * 720, 16_000))
    assert spans[0][0] == 0
    assert spans[-1][1] == 16_000 * 720
    assert all(end - start <= 6 * 16_000 for start, end in spans)
    assert all(after[0] == before[1] - 16_000 for before, after in pairwise(spans))


@settings(max_examples=30, deadline=None)
@given(samples=st.integers(1, 4000), length=st.integers(200, 900), overlap=st.integers(0, 100))
def test_chunks_are_cut_from_the_original_mixture(samples: int, length: int, overlap: int) -> None:
    mixture = np.random.default_rng(0).standard_normal((2, samples)).astype(np.float32)
    chunks_seen: list[np.ndarray] = []

    def negative(piece: np.ndarray) -> np.ndarray:
        chunks_seen.append(piece.copy())
        return -piece

    chunks = Chunks(length, overlap)
    np.testing.assert_allclose(chunks.apply(negative, mixture.copy(), 1), -mixture, atol=1e-6)
    for piece, (start, end) in zip(chunks_seen, chunks.spans(samples, 1), strict=True):
        np.testing.assert_array_equal(piece, mixture[:, start:end])


def test_stems_are_at_16_khz() -> None:
    clip = Clip(np.random.default_rng(0).standard_normal((2, 44_100)).astype(np.float32), 44_100)
    assert Unet(ConstantMask(0.5))(clip).vocals.shape == (2, 16_000)
    for separator in (Unet(ConstantMask(0.5)), separation.Mixture()):
        stems = separator(Clip(clip.samples[:1], clip.rate))
        assert stems.vocals.shape == (1, 16_000)
        assert stems.rate == 16_000


@pytest.mark.parametrize("rate", [16_000, 32_000])
def test_clip_is_not_modified(rate: int) -> None:
    clip = Clip(noise(4, channels=2).samples, rate)
    before = clip.samples.copy()
    Unet(ConstantMask(0.5))(clip)
    np.testing.assert_array_equal(clip.samples, before)


def test_channels_share_one_mask() -> None:
    torch.manual_seed(0)
    separator = Unet(MaskNet())
    clip = noise(4, channels=2)
    stereo = separator(clip)
    assert stereo.vocals.shape == (2, 64_000)
    assert np.abs(stereo.vocals[0] - stereo.vocals[1]).max() > 0.01
    mono = separator(Clip(clip.mono(16_000)[None], 16_000))
    np.testing.assert_allclose(stereo.vocals.mean(0), mono.vocals[0], atol=1e-5)


class LoudBinsMask(torch.nn.Module):
    """A mask that passes the loud bins of each frame."""

    def forward(self, spectrum: torch.Tensor) -> torch.Tensor:
        power = spectrum.abs().square()
        return (power / (power + power.mean(1, keepdim=True) + 1e-12)).to(spectrum.dtype)


@pytest.mark.parametrize("views", [1, 2, 4])
def test_views_make_separation_shift_invariant(views: int) -> None:
    transform, samples = Transform(views=views), torch.from_numpy(noise(3).samples)[None]
    expected = separate_vocals(LoudBinsMask(), samples, transform)
    inner = slice(2 * transform.window, -2 * transform.window)

    def shift_error(delay: int) -> float:
        """Difference between the vocals of the delayed clip and the delayed vocals."""
        other = separate_vocals(LoudBinsMask(), torch.nn.functional.pad(samples, (delay, 0)), transform)[..., delay:]
        return float((other - expected)[..., inner].abs().max() / expected.abs().max())

    assert shift_error(transform.hop // views) < 1e-4
    assert shift_error(transform.hop // views // 2) > 1e-3


def test_transform_can_be_inverted() -> None:
    samples = torch.randn(2, 20_000)
    transform = Transform()
    torch.testing.assert_close(transform.inverse(transform.forward(samples), 20_000), samples, atol=1e-5, rtol=0)


def test_fingerprint_depends_on_feature_and_weights(monkeypatch: pytest.MonkeyPatch) -> None:
    card, name = weights.card("separator"), separation.separator_fingerprint("unet")
    for other in (replace(card, fingerprint=Transform(views=1).fingerprint), replace(card, files={"unet": "another"})):
        monkeypatch.setattr(weights, "card", lambda *_, other=other: other)
        assert separation.separator_fingerprint("unet") != name


def test_load_rejects_unknown_name() -> None:
    with pytest.raises(ValueError, match="wizard"):
        separation.load("wizard")
