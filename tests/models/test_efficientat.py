"""EfficientAT: its size, its shapes, and what makes it another network than torchvision's."""

from __future__ import annotations

import pytest
import torch
from torch import nn
from torchvision.ops.misc import SqueezeExcitation

from gender_audio.models.efficientat import CLASSES, EfficientAT


def test_network_has_the_published_size() -> None:
    assert sum(parameter.numel() for parameter in EfficientAT().parameters()) == 983_599


@pytest.mark.parametrize(("batch", "frames"), [(1, 100), (2, 300), (1, 1000)])
@torch.inference_mode()
def test_any_number_of_frames_gives_logits_of_audioset(batch: int, frames: int) -> None:
    logits = EfficientAT().eval()(torch.randn(batch, 128, frames))
    assert logits.shape == (batch, CLASSES)
    assert torch.isfinite(logits).all()


def test_excitation_is_a_sigmoid_and_norms_have_a_larger_epsilon() -> None:
    modules = list(EfficientAT().modules())
    excitations = [module for module in modules if isinstance(module, SqueezeExcitation)]
    assert len(excitations) == 8
    assert all(isinstance(module.scale_activation, nn.Sigmoid) for module in excitations)
    assert {module.eps for module in modules if isinstance(module, nn.BatchNorm2d)} == {1e-3}
