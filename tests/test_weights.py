"""Weights are read back as they were written, or refused with a sentence."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import nn

from gender_audio import weights
from gender_audio.ensemble import Ensemble

CARD = weights.Card("toy", ("a", "b"), {}, {}, "0", ("mixture",), {"corpus": "CC0"}, {"val_accuracy": 0.5}, "make toy")


def network() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(3, 2), nn.BatchNorm1d(2))


def test_round_trip_in_half_precision(tmp_path: Path) -> None:
    saved, loaded = network(), nn.Sequential(nn.Linear(3, 2), nn.BatchNorm1d(2))
    weights.save({"one": saved}, CARD, tmp_path)
    weights.fill(loaded, "toy", "one", tmp_path)
    for before, after in zip(saved.state_dict().values(), loaded.state_dict().values(), strict=True):
        torch.testing.assert_close(after, before, atol=1e-3, rtol=1e-3)
    assert replace(weights.card("toy", tmp_path), files={}) == CARD


def test_saving_again_leaves_no_older_network(tmp_path: Path) -> None:
    weights.save({"one": network(), "two": network()}, CARD, tmp_path)
    before = weights.fingerprint("toy", tmp_path)
    weights.save({"one": network()}, CARD, tmp_path)
    assert list(weights.card("toy", tmp_path).files) == ["one.safetensors"]
    assert weights.fingerprint("toy", tmp_path) != before


def test_a_damaged_file_is_refused(tmp_path: Path) -> None:
    weights.save({"one": network()}, CARD, tmp_path)
    path = tmp_path / "toy" / "one.safetensors"
    path.write_bytes(path.read_bytes()[:-1] + b"\x7f")
    with pytest.raises(weights.WeightsError, match="not the file that its card names"):
        weights.fill(network(), "toy", "one", tmp_path)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    weights.save({"one": network()}, CARD, tmp_path)
    with pytest.raises(weights.WeightsError, match=r"two\.safetensors is missing"):
        weights.fill(network(), "toy", "two", tmp_path)


def test_another_network_is_refused(tmp_path: Path) -> None:
    weights.save({"one": network()}, CARD, tmp_path)
    with pytest.raises(weights.WeightsError, match="does not fit"):
        weights.fill(nn.Linear(9, 9), "toy", "one", tmp_path)


def test_a_missing_card_is_refused(tmp_path: Path) -> None:
    with pytest.raises(weights.WeightsError, match="no weights for 'toy'"):
        weights.card("toy", tmp_path)


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(weights.WeightsError, match=r"no folder .*elsewhere with weights; GENDER_AUDIO_WEIGHTS"):
        weights.card("toy", tmp_path / "elsewhere")


@pytest.mark.parametrize("count", [0, 21])
def test_only_as_many_members_as_there_are(count: int) -> None:
    with pytest.raises(ValueError, match="from 1 to 20"):
        Ensemble.load(count)


def test_shipped_weights_are_whole_and_small() -> None:
    ensemble = Ensemble.load()
    assert len(ensemble.members) == 20
    card = weights.card("singer")
    assert card.labels == ("none", "male", "female", "multiple")
    assert card.data
    assert card.command.startswith("python -m train singer")
    assert sum(path.stat().st_size for path in weights.FOLDER.rglob("*.safetensors")) < 110e6
