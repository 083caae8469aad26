"""Weights are read back as they were written, or refused with a sentence."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import nn

from gender_audio import weights
from gender_audio.systems.ensemble import Ensemble

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


@pytest.mark.parametrize("broken", ["two", "card"])
def test_until_all_is_written_the_older_networks_stay(
    broken: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    weights.save({"one": network(), "two": network()}, CARD, tmp_path)
    before = {path: path.read_bytes() for path in (tmp_path / "toy").iterdir()}
    original = weights.save_file

    def full(tensors: dict[str, torch.Tensor], path: Path) -> None:
        if path.stem == broken:
            raise OSError("no space left on device")
        original(tensors, path)

    monkeypatch.setattr(weights, "save_file", full)
    told = replace(CARD, metrics={"a": object()}) if broken == "card" else CARD  # type: ignore[dict-item]
    with pytest.raises((OSError, TypeError)):
        weights.save({"one": nn.Linear(9, 9), "two": nn.Linear(9, 9)}, told, tmp_path)
    assert {path: path.read_bytes() for path in (tmp_path / "toy").iterdir()} == before


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"labels": [], "inputs": []}', '{"labels": 1, "inputs": 2}'])
def test_a_damaged_card_is_refused(text: str, tmp_path: Path) -> None:
    weights.save({"one": network()}, CARD, tmp_path)
    (tmp_path / "toy" / "card.json").write_text(text)
    with pytest.raises(weights.WeightsError, match=r"card\.json is damaged, or was written by another version"):
        weights.fill(network(), "toy", "one", tmp_path)


@pytest.mark.parametrize(("name", "value"), [("labels", None), ("separators", 1), ("model", ...)])
def test_a_card_of_another_version_is_refused(name: str, value: object, tmp_path: Path) -> None:
    weights.save({"one": network()}, CARD, tmp_path)
    path = tmp_path / "toy" / "card.json"
    fields = {**json.loads(path.read_text()), name: value}
    path.write_text(json.dumps({name: value for name, value in fields.items() if value is not ...}))
    with pytest.raises(weights.WeightsError, match="another version of this program"):
        weights.card("toy", tmp_path)


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
    card = weights.card("singing")
    assert card.labels == ("none", "male", "female", "multiple")
    assert card.data
    assert card.command.startswith("python -m train singer")
    assert sum(path.stat().st_size for path in weights.FOLDER.rglob("*.safetensors")) < 110e6
