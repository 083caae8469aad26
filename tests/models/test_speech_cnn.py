"""Small networks for images of speech."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.fft import dct
from torch import nn

from gender_audio.models.speech_cnn import CepstralCNN, CepstralSVM, LargerCNN, SmallCNN, TimeDelay


def test_small_cnn_is_the_published_network() -> None:
    ours = SmallCNN(3)
    assert sum(p.numel() for p in ours.parameters()) == 61_326
    theirs = nn.Sequential(*list(ours.features)[:6], nn.Flatten(), ours.classifier)
    images = torch.rand(2, 3, 32, 32)
    torch.testing.assert_close(ours(images), theirs(images))


NETWORKS = [SmallCNN(1), LargerCNN(1, 4), CepstralCNN(4), TimeDelay(2, rows=128), CepstralSVM(128, 20)]


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("frames", [26, 94, 301])
def test_networks_accept_images_of_any_length(network: nn.Module, frames: int) -> None:
    logits = network.eval()(torch.rand(2, 1, 128, frames))
    assert logits.shape == (2, 2)
    assert logits.isfinite().all()


def test_cepstral_svm_uses_the_mean_cepstrum() -> None:
    svm = CepstralSVM(16, 6)
    images = torch.randn(3, 1, 16, 9)
    expected = dct(images[:, 0].mean(2).numpy(), axis=1, norm="ortho")[:, :6]
    np.testing.assert_allclose(svm.cepstrum(images).numpy(), expected, atol=1e-5)
    torch.testing.assert_close(svm(torch.cat([images, images], 3)), svm(images))
    logits = svm(images)
    torch.testing.assert_close((logits[:, 1] - logits[:, 0])[:, None], svm.decision(torch.from_numpy(expected)))


def test_time_delay_pools_mean_and_deviation() -> None:
    network = TimeDelay(1, rows=3).eval()
    images = torch.randn(2, 1, 3, 40)
    first = network.features[0][0]
    over_time = nn.functional.conv1d(images[:, 0], first.weight[:, :, 0], padding=2)
    torch.testing.assert_close(first(images.transpose(1, 2))[:, :, 0], over_time)
    pooled: list[torch.Tensor] = []
    network.classifier.register_forward_pre_hook(lambda _, given: pooled.append(given[0]))
    network(images)
    frames = network.features(images.transpose(1, 2))[:, :, 0]
    torch.testing.assert_close(pooled[0], torch.cat([frames.mean(2), frames.std(2)], 1), atol=4e-3, rtol=0)
