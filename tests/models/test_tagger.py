"""The music tagger against outputs of the published TensorFlow graph."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from gender_audio.models.tagger import Filters, Tagger
from gender_audio.systems.music_embedding import MusicEmbedding

PUBLISHED = json.loads(Path(__file__).with_name("tagger_values.json").read_text(encoding="utf8"))
"""Outputs of musicnn's own graph and weights for the patch below."""


@pytest.fixture(scope="module")
def tagger() -> Tagger:
    return MusicEmbedding.load().network


def patch() -> torch.Tensor:
    frames, bands = np.arange(187)[:, None], np.arange(96)
    return torch.from_numpy(2 + 2 * np.sin(0.1 * frames + 0.37 * bands)).float()[None]


@torch.inference_mode()
def test_outputs_equal_the_published_ones(tagger: Tagger) -> None:
    embedding, logits = tagger(patch())
    # The shipped weights are in half precision; padding on the wrong side would change values by 0.25.
    np.testing.assert_allclose(embedding[0], PUBLISHED["embedding"], atol=0.03)
    np.testing.assert_allclose(logits[0], PUBLISHED["logits"], atol=0.03)


@torch.inference_mode()
def test_tagger_accepts_any_number_of_frames(tagger: Tagger) -> None:
    assert sum(parameter.numel() for parameter in tagger.parameters()) == 787_159
    for frames in (1, 100, 400):
        embedding, logits = tagger(torch.rand(2, frames, 96))
        assert (embedding.shape, logits.shape) == ((2, 200), (2, 50))


@torch.inference_mode()
def test_filters_that_are_zero_are_left_out_without_a_difference() -> None:
    torch.manual_seed(0)
    filters = Filters(8, 7, 38).eval()
    filters.convolution.weight[1::2] = 0
    nn.init.normal_(filters.norm.weight)
    nn.init.normal_(filters.norm.running_mean)
    x = torch.rand(2, 1, 20, 96)
    padded = nn.functional.pad(x, filters.margins)
    responses = filters.convolution(padded).relu()
    expected = filters.norm(responses.flatten(2)).unflatten(2, responses.shape[2:]).amax(3)
    torch.testing.assert_close(filters(x), expected)
