"""Conversion of the published tagger from TensorFlow's variables."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import numpy as np
import pytest
import torch
from typer.testing import CliRunner

from gender_audio import weights
from gender_audio.models.tagger import Tagger
from train.__main__ import app
from train.recipes import music_tagger


def published() -> dict[str, np.ndarray]:
    """Variables of the published shapes, with random values."""
    rng, sizes = np.random.default_rng(0), [1, 204, 204, 51, 51, 51, 64, 64, 64, 1506, 200]
    kernels = [(7, 38), (7, 67), (128, 1), (64, 1), (32, 1), (7, 561), (7, 64), (7, 64)]
    shapes: dict[str, tuple[int, ...]] = {"dense/kernel": (1506, 200), "dense_1/kernel": (200, 50)}
    shapes |= {"dense/bias": (200,), "dense_1/bias": (50,)}
    for number, size in enumerate(sizes):
        name = f"batch_normalization_{number}" if number else "batch_normalization"
        shapes |= {f"{name}/{kind}": (size,) for kind in music_tagger.STATISTICS}
    for number, kernel in enumerate(kernels):
        name = f"conv2d_{number}" if number else "conv2d"
        shapes |= {f"{name}/kernel": (*kernel, 1, sizes[number + 1]), f"{name}/bias": (sizes[number + 1],)}
    return {name: rng.random(shape, np.float32) for name, shape in shapes.items()}


@torch.inference_mode()
def test_convert_places_every_variable() -> None:
    variables = published()
    network = music_tagger.convert(variables)
    assert sorted(theirs for _, theirs in music_tagger.tensor_names()) == sorted(variables)
    state = {name for name in Tagger().state_dict() if not name.endswith("num_batches_tracked")}
    assert sorted(ours for ours, _ in music_tagger.tensor_names()) == sorted(state)
    # [frames, bands, 1, outputs]: the layers along time have inputs where the filters have bands.
    assert network.filters[1].convolution.weight[5, 0, 3, 60] == variables["conv2d_1/kernel"][3, 60, 0, 5]
    assert network.middle[0].convolution.weight[5, 400, 3] == variables["conv2d_5/kernel"][3, 400, 0, 5]
    assert network.tags.weight[7, 11] == variables["dense_1/kernel"][11, 7]
    assert network.dense[3].running_var[9] == variables["batch_normalization_10/moving_variance"][9]


def test_fetch_unpacks_the_msd_checkpoint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def download(command: list[str], **_: object) -> subprocess.CompletedProcess:
        assert "--require-hashes" in command
        with ZipFile(tmp_path / "musicnn.whl", "w") as wheel:
            for name in ("MSD", "MTT"):
                for ending in music_tagger.FILES:
                    wheel.writestr(f"musicnn/{name}_musicnn/.{ending}", f"{name} {ending}")
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr(subprocess, "run", download)
    assert music_tagger.fetch(tmp_path) == tmp_path / "checkpoint"
    assert (tmp_path / "checkpoint.index").read_text() == "MSD index"
    assert (tmp_path / "checkpoint.data-00000-of-00001").read_text() == "MSD data-00000-of-00001"


@pytest.mark.parametrize(("status", "advice"), [(1, "check the network"), (0, "pip install tensorflow-cpu")])
def test_missing_packages_are_reported(
    status: int, advice: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "tensorflow", None)
    monkeypatch.setitem(sys.modules, "tensorflow.train", None)
    monkeypatch.setattr(subprocess, "run", lambda command, **_: subprocess.CompletedProcess(command, status))
    if not status:
        monkeypatch.setattr(music_tagger, "fetch", lambda folder: tmp_path)
    result = CliRunner().invoke(app, ["published", "tagger"])
    assert result.exit_code == 2
    assert advice in result.output


def test_unwritable_weights_folder_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(music_tagger, "fetch", lambda folder: folder)
    monkeypatch.setattr(music_tagger, "read_checkpoint", lambda _: published())
    (tmp_path / "file").touch()
    monkeypatch.setattr(weights.save, "__defaults__", (tmp_path / "file",))
    result = CliRunner().invoke(app, ["published", "tagger"])
    assert result.exit_code == 2 and isinstance(result.exception, SystemExit)
    assert result.stderr.startswith(f"{tmp_path / 'file'}")
