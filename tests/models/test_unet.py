"""The mask network."""

from __future__ import annotations

import pytest
import torch

from gender_audio.models.unet import MaskNet


@pytest.fixture(scope="module")
def network() -> MaskNet:
    torch.manual_seed(0)
    return MaskNet().eval()


@pytest.mark.parametrize("frames", [1, 2, 63, 100])
def test_mask_net_accepts_any_number_of_frames(network: MaskNet, frames: int) -> None:
    with torch.inference_mode():
        mask = network(torch.randn(2, 768, frames, dtype=torch.complex64))
    assert mask.shape == (2, 768, frames)
    assert 0 <= mask.real.min() <= mask.real.max() <= 1
    assert mask.imag.abs().max() <= 1


def test_mask_net_is_independent_of_level(network: MaskNet) -> None:
    spectrum = torch.randn(1, 768, 20, dtype=torch.complex64)
    with torch.inference_mode():
        torch.testing.assert_close(network(spectrum * 0.01), network(spectrum), atol=1e-4, rtol=1e-3)


def test_mask_of_silence_is_finite(network: MaskNet) -> None:
    with torch.inference_mode():
        assert network(torch.zeros(1, 768, 20, dtype=torch.complex64)).isfinite().all()


def test_mask_net_has_at_most_5_m_parameters(network: MaskNet) -> None:
    assert sum(p.numel() for p in network.parameters()) <= 5_000_000
