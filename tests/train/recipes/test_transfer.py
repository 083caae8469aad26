"""Pretrained trunks."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from typer.testing import CliRunner

from gender_audio import weights
from gender_audio.models.resnet import ResNet34
from train.__main__ import app
from train.data.validation import LayoutError
from train.recipes import speech_mel, speech_mfcc
from train.recipes.transfer import TRUNKS, frozen, network_from, trunk_licences


def test_frozen_trunk_trains_only_the_head() -> None:
    network = network_from(TRUNKS["scratch"](4), 4)
    with frozen(network):
        assert {name for name, p in network.named_parameters() if p.requires_grad} == {"fc.1.weight", "fc.1.bias"}
    assert all(p.requires_grad for p in network.parameters())


def test_singing_trunk_is_transposed() -> None:
    member = ResNet34(**weights.card("singing").model)
    weights.fill(member, "singing", "member-01")
    transposed = network_from(TRUNKS["singing"](16), 16, classes=4)
    transposed.fc.load_state_dict(member.fc.state_dict())
    images = torch.randn(2, 1, 60, 40)
    with torch.inference_mode():
        torch.testing.assert_close(transposed.eval()(images.mT), member.eval()(images), atol=1e-4, rtol=1e-4)


def test_trunk_of_another_width_is_rejected() -> None:
    with pytest.raises(LayoutError, match=r"channels 1, width 16, but .* channels 1, width 8"):
        TRUNKS["singing"](8)


@pytest.mark.parametrize("command", ["speech-mel", "speech-mfcc"])
def test_members_with_two_channels_are_rejected_before_training(
    speech: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    card = replace(weights.card("singing"), model={"channels": 2, "width": 16})
    monkeypatch.setattr(weights, "card", lambda *_: card)
    for recipe in (speech_mel, speech_mfcc):
        monkeypatch.setattr(recipe, "train", lambda *_: pytest.fail("too late"))
    result = CliRunner().invoke(app, [command, "--data", str(speech), "--cache", str(tmp_path / "cache")])
    assert result.exit_code == 2, result.exception
    assert "channels 2, width 16, but" in result.stderr
    assert "--inputs vocals" in result.stderr and not (tmp_path / "cache").exists()


def test_trunk_names_its_training_data() -> None:
    assert {"mir1k", "librispeech"} <= set(trunk_licences("singing"))
    assert trunk_licences("scratch") == {}
