"""FireRedVAD's event detector: its size, its reach in time, and parity with the published network."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch

from gender_audio import synth
from gender_audio.models.fireredvad import BLOCKS, MEMORY, ORDER, FireRedVAD, Memory
from gender_audio.systems.published.fireredvad import FireRedEvents

SHARED = Path(__file__).resolve().parents[3] / "shared" / "published"


@pytest.fixture(scope="module")
def events() -> FireRedEvents:
    return FireRedEvents.load()


def test_network_has_the_published_size() -> None:
    assert sum(parameter.numel() for parameter in FireRedVAD().parameters()) == 588_931


@pytest.mark.parametrize("frames", [1, 30, 298])
@torch.inference_mode()
def test_every_frame_has_three_probabilities(events: FireRedEvents, frames: int) -> None:
    probabilities = events.network(10 + torch.randn(2, frames, 80))
    assert probabilities.shape == (2, frames, 3)
    assert ((probabilities >= 0) & (probabilities <= 1)).all()


@torch.inference_mode()
def test_memory_weights_the_frames_around_each_frame() -> None:
    memory, at = Memory(), 50
    memory.lookback.weight[:] = torch.arange(ORDER) + 1.0
    memory.lookahead.weight[:] = -(torch.arange(ORDER) + 1.0)
    impulse = torch.zeros(1, 101, MEMORY)
    impulse[:, at] = 1
    response = memory(impulse)[0, :, 0]
    # An output sees its own frame and the last 19 with weights 20, 19, ..., and the next 20 with weights -1, -2, ...
    expected = torch.zeros(101)
    expected[at : at + ORDER] = torch.arange(ORDER, 0, -1.0)
    expected[at - ORDER : at] = torch.arange(-ORDER, 0, 1.0)
    expected[at] += 1
    torch.testing.assert_close(response, expected)


@torch.inference_mode()
def test_a_frame_reaches_its_neighbours_only(events: FireRedEvents) -> None:
    bands = 10 + torch.randn(1, 500, 80, generator=torch.Generator().manual_seed(0))
    changed = bands.clone()
    changed[:, 250] += 5
    different = (events.network(bands) != events.network(changed)).any(-1)[0].nonzero()[:, 0]
    assert 250 in different
    assert different.min() >= 250 - BLOCKS * ORDER and different.max() <= 250 + BLOCKS * (ORDER - 1)


@pytest.mark.skipif(not SHARED.is_dir(), reason="the published files are not in ../shared/published")
@torch.inference_mode()
def test_probabilities_are_those_of_the_published_network(events: FireRedEvents) -> None:
    bands = events.feature(torch.from_numpy(synth.example("duet").mono(16_000)[None, : 3 * 16_000]))
    normalised = (bands - events.network.mean) / events.network.deviation
    session = onnxruntime.InferenceSession(SHARED / "fireredvad_aed.onnx")
    (expected,) = session.run(None, {"feat": normalised.numpy()})
    # The shipped weights are in half precision.
    np.testing.assert_allclose(events.network(bands), expected, atol=5e-3)
