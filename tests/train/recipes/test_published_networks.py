"""Conversion of published networks from their files."""

from __future__ import annotations

import io
import pickle
from pathlib import Path

import numpy as np
import pytest
import torch
from typer.testing import CliRunner

from gender_audio import weights
from gender_audio.models.efficientat import EfficientAT
from train.__main__ import app
from train.recipes import published_networks
from train.recipes.published_networks import convert_efficientat, read_cmvn


def test_cmvn_gives_mean_and_deviation() -> None:
    values = np.random.default_rng(0).normal(3, 2, (1_000, 80))
    statistics = np.stack([np.append(values.sum(0), len(values)), np.append((values**2).sum(0), 0.0)])
    header = b"\0BDM \4" + np.int32(2).tobytes() + b"\4" + np.int32(81).tobytes()
    mean, deviation = read_cmvn(header + statistics.astype("<f8").tobytes())
    np.testing.assert_allclose(mean, values.mean(0), atol=1e-5)
    np.testing.assert_allclose(deviation, values.std(0), atol=1e-5)


def test_efficientat_is_read_from_published_names() -> None:
    torch.manual_seed(0)
    network = EfficientAT().eval()
    published = {}
    for name, values in network.state_dict().items():
        theirs = name.removeprefix("network.").replace("classifier.3.", "classifier.5.")
        theirs = theirs.replace("classifier.0.", "classifier.2.")
        if ".fc1." in theirs or ".fc2." in theirs:
            theirs = theirs.replace(".fc", ".conc_se_layers.0.fc")
            values = values.flatten(1) if values.dim() == 4 else values
        published[theirs] = values
    file = io.BytesIO()
    torch.save(published, file)
    converted = convert_efficientat(file.getvalue())
    bands = torch.randn(1, 128, 300)
    with torch.inference_mode():
        torch.testing.assert_close(converted(bands), network(bands))


def test_pickled_code_is_refused() -> None:
    file = io.BytesIO()
    torch.save({"features.0.0.weight": Path("x")}, file)
    with pytest.raises(pickle.UnpicklingError):
        convert_efficientat(file.getvalue())


@pytest.mark.parametrize("network", ["fireredvad", "efficientat"])
def test_another_file_is_refused(network: str, tmp_path: Path) -> None:
    for name in published_networks.NETWORKS[network].files:
        (tmp_path / name).write_bytes(b"something else")
    result = CliRunner().invoke(app, ["published", network, "--folder", str(tmp_path)])
    assert result.exit_code == 2
    assert "is not the published file" in result.output.replace("\n", " ")


def test_failed_download_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> str:
        raise OSError("no network")

    monkeypatch.setattr(published_networks.pooch, "retrieve", fail)
    with pytest.raises(weights.WeightsError, match="--folder"):
        published_networks.NETWORKS["efficientat"].read(None)
