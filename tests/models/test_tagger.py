"""The music tagger against outputs of the published TensorFlow graph."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from gender_audio.models.tagger import Tagger
from gender_audio.systems.music_embedding import SIZE, MusicEmbedding

PUBLISHED = json.loads(Path(__file__).with_name("tagger_values.json").read_text(encoding="utf8"))
"""Outputs of musicnn's own graph and weights for the patch below."""


@pytest.fixture(scope="module")
def tagging() -> MusicEmbedding:
    return MusicEmbedding.load()


def patch() -> torch.Tensor:
    frames, bands = np.arange(187)[:, None], np.arange(96)
    return torch.from_numpy(2 + 2 * np.sin(0.1 * frames + 0.37 * bands)).float()[None]


@torch.inference_mode()
def test_outputs_equal_the_published_ones(tagging: MusicEmbedding) -> None:
    embedding, logits = tagging.network(patch())
    # The shipped weights are in half precision; padding on the wrong side would change values by 0.25.
    np.testing.assert_allclose(embedding[0], PUBLISHED["embedding"], atol=0.03)
    np.testing.assert_allclose(logits[0], PUBLISHED["logits"], atol=0.03)


@torch.inference_mode()
def test_tagger_accepts_any_number_of_frames(tagging: MusicEmbedding) -> None:
    assert sum(parameter.numel() for parameter in Tagger().parameters()) == 787_159
    for frames in (1, 100, 400):
        embedding, logits = tagging.network(torch.rand(2, frames, 96))
        assert (embedding.shape, logits.shape) == ((2, 200), (2, 50))


def test_music_embedding_is_mean_and_deviation_of_the_patches(tagging: MusicEmbedding) -> None:
    sound = np.random.default_rng(0).normal(0, 0.1, 7 * 16_000).astype(np.float32)
    with torch.inference_mode():
        each = tagging.network(torch.from_numpy(tagging.feature(sound)))[0].numpy()
    assert len(each) == 3
    embedding = tagging(sound)
    assert (embedding.shape, embedding.dtype) == ((SIZE,), np.float32)
    np.testing.assert_allclose(embedding, np.concatenate([each.mean(0), each.std(0)]), atol=1e-4)
    np.testing.assert_allclose(tagging(sound / 100), embedding, atol=1e-3)
