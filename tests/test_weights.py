"""Saving and loading of weights and cards."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import nn

from gender_audio import weights

STAGE = weights.Stage("train", "make toy", 3, ("train",), {"samples": 5})
CARD = weights.Card(
    system="toy",
    labels=("a", "b"),
    model={},
    feature={},
    fingerprint="0",
    inputs=("mixture",),
    data={"corpus": "CC0"},
    metrics={"val_accuracy": 0.5},
    stages=(STAGE,),
)


def network() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(3, 2), nn.BatchNorm1d(2))


def test_save_and_load_round_trip(tmp_path: Path) -> None:
    saved, loaded = network(), nn.Sequential(nn.Linear(3, 2), nn.BatchNorm1d(2))
    weights.save({"one": saved}, CARD, tmp_path)
    weights.fill(loaded, "toy", "one", tmp_path)
    for before, after in zip(saved.state_dict().values(), loaded.state_dict().values(), strict=True):
        torch.testing.assert_close(after, before, atol=1e-3, rtol=1e-3)
    assert replace(weights.card("toy", tmp_path), files={}) == CARD


def test_save_deletes_older_networks(tmp_path: Path) -> None:
    weights.save({"one": network(), "two": network()}, CARD, tmp_path)
    before = weights.fingerprint("toy", tmp_path)
    weights.save({"one": network()}, CARD, tmp_path)
    assert list(weights.card("toy", tmp_path).files) == ["one.safetensors"]
    assert weights.fingerprint("toy", tmp_path) != before


@pytest.mark.parametrize("broken", ["two", "card"])
def test_failed_save_keeps_older_networks(broken: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    weights.save({"one": network(), "two": network()}, CARD, tmp_path)
    before = {path: path.read_bytes() for path in (tmp_path / "toy").iterdir()}
    original = weights.save_file

    def full(tensors: dict[str, torch.Tensor], path: Path) -> None:
        if path.stem == broken:
            raise OSError("no space left on device")
        original(tensors, path)

    monkeypatch.setattr(weights, "save_file", full)
    card = replace(CARD, metrics={"a": object()}) if broken == "card" else CARD  # type: ignore[dict-item]
    with pytest.raises((OSError, TypeError)):
        weights.save({"one": nn.Linear(9, 9), "two": nn.Linear(9, 9)}, card, tmp_path)
    assert {path: path.read_bytes() for path in (tmp_path / "toy").iterdir()} == before


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"labels": [], "inputs": []}', '{"labels": 1, "inputs": 2}'])
def test_damaged_card_is_rejected(text: str, tmp_path: Path) -> None:
    weights.save({"one": network()}, CARD, tmp_path)
    (tmp_path / "toy" / "card.json").write_text(text)
    with pytest.raises(weights.WeightsError, match=r"card\.json is damaged, or was written by another version"):
        weights.fill(network(), "toy", "one", tmp_path)


@pytest.mark.parametrize(("name", "value"), [("labels", None), ("separators", 1), ("model", ...)])
def test_card_of_another_version_is_rejected(name: str, value: object, tmp_path: Path) -> None:
    weights.save({"one": network()}, CARD, tmp_path)
    path = tmp_path / "toy" / "card.json"
    fields = {**json.loads(path.read_text()), name: value}
    path.write_text(json.dumps({name: value for name, value in fields.items() if value is not ...}))
    with pytest.raises(weights.WeightsError, match="another version of this program"):
        weights.card("toy", tmp_path)


def test_damaged_file_is_rejected(tmp_path: Path) -> None:
    weights.save({"one": network()}, CARD, tmp_path)
    path = tmp_path / "toy" / "one.safetensors"
    path.write_bytes(path.read_bytes()[:-1] + b"\x7f")
    with pytest.raises(weights.WeightsError, match="not the file that its card names"):
        weights.fill(network(), "toy", "one", tmp_path)


def test_missing_file_is_rejected(tmp_path: Path) -> None:
    weights.save({"one": network()}, CARD, tmp_path)
    with pytest.raises(weights.WeightsError, match=r"two\.safetensors is missing"):
        weights.fill(network(), "toy", "two", tmp_path)


def test_network_of_other_shape_is_rejected(tmp_path: Path) -> None:
    weights.save({"one": network()}, CARD, tmp_path)
    with pytest.raises(weights.WeightsError, match="does not fit"):
        weights.fill(nn.Linear(9, 9), "toy", "one", tmp_path)


def test_missing_card_is_rejected(tmp_path: Path) -> None:
    with pytest.raises(weights.WeightsError, match="no weights for 'toy'"):
        weights.card("toy", tmp_path)


def test_missing_weights_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(weights.WeightsError, match=r"no folder .*elsewhere with weights; GENDER_AUDIO_WEIGHTS"):
        weights.card("toy", tmp_path / "elsewhere")


@pytest.mark.parametrize("system", sorted(path.parent.name for path in weights.FOLDER.glob("*/card.json")))
def test_shipped_card_has_stages_and_licences(system: str) -> None:
    card = weights.card(system)
    assert card.stages and card.stages[0].kind in ("train", "convert")
    assert {stage.kind for stage in card.stages} <= set(weights.STAGE_KINDS)
    assert all(stage.command and stage.settings for stage in card.stages)
    assert card.data and all(card.data.values())
    assert all(weights.digest(weights.FOLDER / system / name) == digest for name, digest in card.files.items())


def test_card_with_unknown_stage_kind_is_rejected(tmp_path: Path) -> None:
    weights.save({"one": network()}, CARD, tmp_path)
    path = tmp_path / "toy" / "card.json"
    path.write_text(path.read_text().replace('"train"', '"guess"'))
    with pytest.raises(weights.WeightsError, match="train 'toy' again"):
        weights.card("toy", tmp_path)


def test_card_without_stages_is_rejected(tmp_path: Path) -> None:
    weights.save({"one": network()}, CARD, tmp_path)
    path = tmp_path / "toy" / "card.json"
    fields = json.loads(path.read_text())
    del fields["stages"]
    path.write_text(json.dumps({**fields, "command": "make toy"}))
    with pytest.raises(weights.WeightsError, match="another version of this program; train 'toy' again"):
        weights.card("toy", tmp_path)


def test_card_with_the_old_label_world_loads_as_other(tmp_path: Path) -> None:
    weights.save({"one": network()}, replace(CARD, labels=("rock", "world")), tmp_path)
    assert weights.card("toy", tmp_path).labels == ("rock", "other")


def test_stage_differences_ignore_the_command() -> None:
    assert STAGE.differences(replace(STAGE, command="other")) == []
    assert STAGE.differences(replace(STAGE, seed=4, settings={"rate": 1})) == [
        "seed 3, not 4",
        "samples 5, not None",
        "rate None, not 1",
    ]


def test_shipped_weights_are_small() -> None:
    assert sum(path.stat().st_size for path in weights.FOLDER.rglob("*.safetensors")) < 120e6
