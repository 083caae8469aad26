"""Networks of the genre system: sizes of system D, and independence of padding and repetition."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from gender_audio.models.genre_snippet import CNN1D, CNN2D
from gender_audio.models.genre_song import FRAMES, MLP, RBFSVM, PaddedCNN, SongCNN
from gender_audio.models.sequence import LSTM, Attention, LinearCell, Recurrent


def parameters(network: nn.Module) -> int:
    return sum(parameter.numel() for parameter in network.parameters())


def test_parameter_counts_are_those_of_system_d() -> None:
    with torch.device("meta"):
        assert parameters(CNN2D(outputs=1)) == 2_158_593
        assert parameters(PaddedCNN()) == 113_249
        assert parameters(MLP()) == 93_297_281


def test_layer_shapes_are_those_of_system_d() -> None:
    with torch.device("meta"):
        shapes = []
        x = torch.empty(1, 1, 160, 216)
        for layer in CNN2D().convolutions:
            x = layer(x)
            if isinstance(layer, nn.Conv2d | nn.AvgPool2d):
                shapes.append(tuple(x.shape[1:]))
        padded = PaddedCNN()
        assert padded.convolutions(torch.empty(1, 160, FRAMES)).shape == (1, 16, 35)
        assert padded(torch.empty(1, 160, FRAMES)).shape == (1, 1)
    assert shapes == [
        (64, 79, 107),
        (128, 38, 52),
        (128, 19, 26),
        (256, 17, 24),
        (256, 8, 12),
        (256, 4, 8),
        (256, 2, 4),
    ]


@pytest.mark.parametrize("network", [CNN2D(width=4, outputs=3), CNN1D(widths=(8, 8), outputs=3)])
def test_snippet_networks_return_logits(network: nn.Module) -> None:
    assert network.eval()(torch.rand(2, 160, 216)).shape == (2, 3)


AGGREGATORS = {
    "rnn": lambda: Recurrent(LinearCell, 4, 3, 4),
    "lstm": lambda: Recurrent(LSTM, 4, 5, 4),
    "attention": lambda: Attention(4, 8, 4),
}


@pytest.mark.parametrize("name", AGGREGATORS)
@settings(max_examples=15, deadline=None)
@given(length=st.integers(1, 9), padding=st.integers(0, 6), times=st.integers(2, 4), seed=st.integers(0, 999))
def test_aggregators_ignore_padding_and_repetition(name: str, length: int, padding: int, times: int, seed: int) -> None:
    torch.manual_seed(seed)
    network, snippets = AGGREGATORS[name](), torch.rand(1, length, 4)
    logits = network(snippets, torch.tensor([length]))
    padded = torch.cat([snippets, 9 * torch.rand(1, padding, 4)], 1)
    torch.testing.assert_close(network(padded, torch.tensor([length])), logits)
    repeated = network(snippets.repeat(1, times, 1), torch.tensor([times * length]))
    torch.testing.assert_close(repeated, logits, atol=1e-5, rtol=1e-5)
    assert logits.shape == (1, 4)


@pytest.mark.parametrize(("name", "depends"), [("lstm", True), ("rnn", False), ("attention", False)])
def test_only_lstm_depends_on_the_order(name: str, depends: bool) -> None:
    torch.manual_seed(0)
    network, snippets, length = AGGREGATORS[name](), torch.rand(1, 8, 4), torch.tensor([8])
    shuffled = network(snippets[:, [0, 4, 2, 6, 1, 5, 3, 7]], length)
    assert ((network(snippets, length) - shuffled).abs().max() > 1e-5).item() == depends


@settings(max_examples=10, deadline=None)
@given(frames=st.integers(1, 400), padding=st.integers(0, 300))
def test_song_cnn_ignores_padding(frames: int, padding: int) -> None:
    torch.manual_seed(frames)
    network, song = SongCNN().eval(), torch.rand(1, 160, frames)
    padded = torch.cat([song, torch.rand(1, 160, padding)], 2)
    logits = network(song, torch.tensor([frames]))
    torch.testing.assert_close(network(padded, torch.tensor([frames])), logits, atol=1e-5, rtol=1e-4)


def test_song_cnn_is_almost_independent_of_repetition() -> None:
    torch.manual_seed(0)
    network, song = SongCNN().eval(), torch.rand(1, 160, 1_200)
    twice = network(song.repeat(1, 1, 2), torch.tensor([2_400])).softmax(1)
    torch.testing.assert_close(twice, network(song, torch.tensor([1_200])).softmax(1), atol=0.01, rtol=0)


def test_rbf_svm_returns_its_decision_value() -> None:
    svm = RBFSVM(2, 1, gamma=1.0)
    svm.weights.fill_(1.0)
    svm.bias.fill_(-0.5)
    torch.testing.assert_close(svm(torch.zeros(1, 2)), torch.tensor([[-0.5, 0.5]]))
    assert svm.arguments == {"inputs": 2, "vectors": 1, "gamma": 1.0}
