"""The embedding of songs by the music tagger."""

from __future__ import annotations

import numpy as np
import torch

from gender_audio.systems.music_embedding import PROGRESSIVE_ROCK, SIZE, MusicEmbedding


def test_music_embedding_is_mean_and_deviation_of_the_patches() -> None:
    embed = MusicEmbedding.load()
    sound = np.random.default_rng(0).normal(0, 0.1, 7 * 16_000).astype(np.float32)
    with torch.inference_mode():
        patches = embed.network(torch.from_numpy(embed.feature(sound)))[0].numpy()
    assert len(patches) == 3
    embedding = embed(sound)
    assert (embedding.shape, embedding.dtype) == ((SIZE,), np.float32)
    np.testing.assert_allclose(embedding, np.concatenate([patches.mean(0), patches.std(0)]), atol=1e-4)
    np.testing.assert_allclose(embed(sound / 100), embedding, atol=1e-3)


def test_tag_probability_is_that_of_the_mean_logit() -> None:
    embed = MusicEmbedding.load()
    sound = np.random.default_rng(0).normal(0, 0.1, 7 * 16_000).astype(np.float32)
    with torch.inference_mode():
        logits = embed.network(torch.from_numpy(embed.feature(sound)))[1]
    expected = float(logits.mean(0)[PROGRESSIVE_ROCK].sigmoid())
    assert abs(embed.tag_probability(embed(sound), PROGRESSIVE_ROCK) - expected) < 1e-5
