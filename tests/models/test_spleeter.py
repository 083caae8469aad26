"""The network of one stem of Spleeter: its size, its shapes and the alignment of its layers."""

from __future__ import annotations

import pytest
import torch

from gender_audio.models.spleeter import MULTIPLE, StemNet
from gender_audio.separation.spleeter import load_networks

UNUSED = 4 * 512
"""Values of the norm of the deepest level: they are stored in Deezer's checkpoint, but no layer uses them."""


def test_network_has_the_published_size() -> None:
    network = StemNet()
    values = sum(tensor.numel() for name, tensor in network.state_dict().items() if "num_batches" not in name)
    assert values + UNUSED == 9_826_759


@pytest.mark.parametrize(("batch", "frames", "bins"), [(1, 64, 1024), (3, 128, 64)])
@torch.inference_mode()
def test_estimate_is_at_most_the_mixture(batch: int, frames: int, bins: int) -> None:
    magnitude = 10 * torch.rand(batch, 2, frames, bins)
    estimate = StemNet().eval()(magnitude)
    assert estimate.shape == magnitude.shape
    assert ((estimate >= 0) & (estimate <= magnitude)).all()


@torch.inference_mode()
def test_a_delay_by_the_deepest_stride_delays_the_estimate() -> None:
    """Away from the edges, because padding is no sound."""
    network, frames = load_networks()[0], 16 * MULTIPLE
    # The tolerance is for rounding; at the edges the difference is 1.
    magnitude = 10 * torch.rand(1, 2, frames, MULTIPLE, generator=torch.Generator().manual_seed(0))
    middle = slice(6 * MULTIPLE, 10 * MULTIPLE)
    estimate, delayed = (network(part) for part in (magnitude, magnitude.roll(MULTIPLE, 2)))
    torch.testing.assert_close(delayed.roll(-MULTIPLE, 2)[:, :, middle], estimate[:, :, middle], atol=0.05, rtol=0)
