"""The published networks: what they say about synthesised clips, and parity with FireRedVAD's own network."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch

from gender_audio import synth, weights
from gender_audio.audio import Clip
from gender_audio.systems import published
from gender_audio.systems.combination import snippet_outputs
from gender_audio.systems.published import PublishedNetwork
from gender_audio.systems.published.efficientat import CLASSES
from gender_audio.systems.published.fireredvad import FireRedEvents

SHARED = Path(__file__).resolve().parents[3] / "shared" / "published"


@pytest.fixture(scope="module")
def networks() -> dict[str, PublishedNetwork]:
    return {network.name: network for network in published.load_all()}


def outputs(network: PublishedNetwork, clip: Clip) -> dict[str, float]:
    return dict(zip(network.outputs, snippet_outputs(network, clip.mono(16_000)).mean(0).tolist(), strict=True))


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


@pytest.mark.skipif(not SHARED.is_dir(), reason="FireRedVAD's ONNX file is not beside this checkout")
def test_firered_gives_the_probabilities_of_its_onnx_file() -> None:
    from train.recipes.published_networks import read_cmvn

    events = FireRedEvents.load()
    sound = torch.from_numpy(synth.example("duet").mono(16_000)[None, : 3 * 16_000])
    bands = events.feature(sound)
    mean, deviation = read_cmvn((SHARED / "cmvn.ark").read_bytes())
    session = onnxruntime.InferenceSession(SHARED / "fireredvad_aed.onnx")
    (expected,) = session.run(None, {"feat": ((bands - mean) / deviation).numpy()})
    with torch.inference_mode():
        np.testing.assert_allclose(events.network(bands).numpy(), expected, atol=5e-3)
