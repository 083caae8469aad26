"""The published networks: what they say about synthesised clips."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from gender_audio import synth, weights
from gender_audio.audio import Clip
from gender_audio.systems import published
from gender_audio.systems.combination import snippet_outputs
from gender_audio.systems.published import PublishedNetwork
from gender_audio.systems.published.efficientat import CLASSES
from gender_audio.systems.published.music_tags import TAGS

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def networks() -> dict[str, PublishedNetwork]:
    return {network.name: network for network in published.load_all()}


def outputs(network: PublishedNetwork, clip: Clip) -> dict[str, float]:
    return dict(zip(network.outputs, snippet_outputs(network, clip.mono(16_000)).mean(0).tolist(), strict=True))


def test_networks_come_in_a_fixed_order(networks: dict[str, PublishedNetwork]) -> None:
    """The combination's weights depend on it."""
    assert list(networks) == ["fireredvad", "efficientat", "tagger"]
    assert [network.rate for network in networks.values()] == [16_000, 32_000, 16_000]
    assert [len(network.outputs) for network in networks.values()] == [7, 25, 4]


def test_every_network_has_weights_with_a_licence(networks: dict[str, PublishedNetwork]) -> None:
    for name, network in networks.items():
        card = weights.card(name)
        assert card.stages[-1].kind == "convert" and all(card.data.values())
        assert "published" in network.title and len(set(network.outputs)) == len(network.outputs)


@pytest.mark.parametrize("level", [0.0, 1e-6, 0.1])
def test_outputs_are_finite_for_noise_and_silence(networks: dict[str, PublishedNetwork], level: float) -> None:
    noise = level * np.random.default_rng(0).standard_normal(70_000).astype(np.float32)
    for network in networks.values():
        values = snippet_outputs(network, noise)
        assert values.shape == (3, len(network.outputs)) and np.isfinite(values).all()


def test_a_short_clip_is_one_snippet(networks: dict[str, PublishedNetwork]) -> None:
    for network in networks.values():
        values = snippet_outputs(network, synth.example("duet").mono(16_000)[:20_000])
        assert values.shape == (1, len(network.outputs)) and np.isfinite(values).all()


def test_snippets_of_a_batch_are_independent(networks: dict[str, PublishedNetwork]) -> None:
    for network in networks.values():
        clip = synth.example("duet").mono(network.rate)
        batch = torch.from_numpy(np.stack([clip[: 3 * network.rate], clip[-3 * network.rate :]]))
        alone = torch.cat([network(snippet[None]) for snippet in batch])
        torch.testing.assert_close(network(batch), alone, atol=1e-3, rtol=0)


def test_level_does_not_change_the_outputs(networks: dict[str, PublishedNetwork]) -> None:
    song = synth.example("female-like").mono(16_000)[: 4 * 16_000]
    for network in networks.values():
        np.testing.assert_allclose(snippet_outputs(network, song / 50), snippet_outputs(network, song), atol=2e-2)


def test_firered_hears_singing_in_songs_and_none_in_music(networks: dict[str, PublishedNetwork]) -> None:
    sung = outputs(networks["fireredvad"], synth.example("female-like"))
    played = outputs(networks["fireredvad"], synth.example("instrumental"))
    assert sung["mean singing"] > played["mean singing"] + 1
    assert played["mean music"] > 0


def test_efficientat_outputs_are_logits_of_audioset_classes(networks: dict[str, PublishedNetwork]) -> None:
    played = outputs(networks["efficientat"], synth.example("instrumental"))
    assert set(played) == set(CLASSES)
    assert max(played, key=lambda name: played[name]) == "Music"


def test_tagger_orders_voices(networks: dict[str, PublishedNetwork]) -> None:
    tags = {name: outputs(networks["tagger"], synth.example(name)) for name in synth.EXAMPLES}
    assert set(tags["duet"]) == set(TAGS)
    female = {name: values["female vocalists"] - values["male vocalists"] for name, values in tags.items()}
    assert female["female-like"] > female["male-like"] + 2
    assert max(tags, key=lambda name: tags[name]["instrumental"]) == "instrumental"
