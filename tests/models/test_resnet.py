"""ResNet34 equals torchvision's network at the same width."""

from __future__ import annotations

import torch
from torchvision.models import resnet34

from gender_audio.models.resnet import ResNet34


def test_full_width_equals_torchvision() -> None:
    ours, theirs = ResNet34(channels=3, width=64, classes=1000, dropout=0.0).eval(), resnet34().eval()
    state = {name.replace("fc.", "fc.1."): value for name, value in theirs.state_dict().items()}
    ours.load_state_dict(state)
    images = torch.rand(2, 3, 64, 48)
    with torch.inference_mode():
        torch.testing.assert_close(ours(images), theirs(images))


def test_full_width_has_the_published_size() -> None:
    assert sum(p.numel() for p in ResNet34(width=64).parameters()) == 21_280_452


def test_twenty_shipped_members_fit_60_mb() -> None:
    member = ResNet34(width=16)
    assert 20 * 2 * sum(value.numel() for value in member.state_dict().values()) < 60e6
    assert member(torch.zeros(2, 1, 299, 40)).shape == (2, 4)
