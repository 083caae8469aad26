"""Conversion of published networks from their files."""

from __future__ import annotations

import hashlib
import io
import pickle
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch
from onnx import helper, numpy_helper
from typer.testing import CliRunner

from gender_audio import weights
from gender_audio.models.efficientat import EfficientAT
from gender_audio.models.fireredvad import BLOCKS, FireRedVAD
from train.__main__ import app
from train.recipes import published_networks
from train.recipes.published_networks import Published, convert_efficientat, convert_fireredvad, read_cmvn

pytestmark = pytest.mark.slow

SHARED = Path(__file__).resolve().parents[4] / "shared" / "published"


def cmvn_file(values: np.ndarray) -> bytes:
    """Kaldi's statistics of values [n, 80]."""
    statistics = np.stack([np.append(values.sum(0), len(values)), np.append((values**2).sum(0), 0.0)])
    header = b"\0BDM \4" + np.int32(2).tobytes() + b"\4" + np.int32(81).tobytes()
    return header + statistics.astype("<f8").tobytes()


def onnx_file(network: FireRedVAD) -> bytes:
    """The tensors of a network as FireRedVAD's ONNX file holds them; matrices have names without a meaning."""
    state = {name: values.numpy() for name, values in network.state_dict().items()}
    tensors = {"model.dfsmn.fc2.0.bias": state["project.0.bias"], "model.dfsmn.dnns.0.bias": state["last.bias"]}
    tensors["model.out.bias"] = state["out.bias"]
    layers = []
    for block in range(BLOCKS):
        layers += [f"expand.{block}", f"project.{block}"]
        theirs = f"model.dfsmn.fsmns.{block - 1}" if block else "model.dfsmn"
        tensors[f"{theirs}.fc1.0.bias"] = state[f"expand.{block}.bias"]
        memory = f"{theirs}.fsmn" if block else "model.dfsmn.fsmn1"
        for direction in ("lookback", "lookahead"):
            tensors[f"{memory}.{direction}_filter.weight"] = state[f"memory.{block}.{direction}.weight"]
    nodes = []
    for number, layer in enumerate([*layers, "last", "out"]):
        name = f"onnx::MatMul_{(number * 7) % 18}"
        tensors[name] = state[f"{layer}.weight"].T
        nodes += [helper.make_node("MatMul", [f"x{number}", name], [f"y{number}"])]
        nodes += [helper.make_node("Relu", [f"y{number}"], [f"x{number + 1}"])]
    initializers = [numpy_helper.from_array(np.ascontiguousarray(values), name) for name, values in tensors.items()]
    content: bytes = helper.make_model(helper.make_graph(nodes, "network", [], [], initializers)).SerializeToString()
    return content


def state_file(network: EfficientAT) -> bytes:
    """The state dict of a network with EfficientAT's published names and shapes."""
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
    return file.getvalue()


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the files of both networks with random weights; their hashes are the expected ones."""
    torch.manual_seed(0)
    values = np.random.default_rng(0).normal(3, 2, (100, 80))
    contents = {
        "fireredvad_aed.onnx": onnx_file(FireRedVAD()),
        "cmvn.ark": cmvn_file(values),
        "mn04_as_mAP_432.pt": state_file(EfficientAT()),
    }
    folder = tmp_path / "published"
    folder.mkdir()
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    for network, published in list(published_networks.NETWORKS.items()):
        hashes = {name: hashlib.sha256(contents[name]).hexdigest() for name in published.files}
        monkeypatch.setitem(published_networks.NETWORKS, network, Published(published.url, hashes, published.licence))
    return folder


def test_cmvn_gives_mean_and_deviation() -> None:
    values = np.random.default_rng(0).normal(3, 2, (1_000, 80))
    mean, deviation = read_cmvn(cmvn_file(values))
    np.testing.assert_allclose(mean, values.mean(0), atol=1e-5)
    np.testing.assert_allclose(deviation, values.std(0), atol=1e-5)


def test_firered_is_read_from_the_order_of_its_layers() -> None:
    torch.manual_seed(0)
    network = FireRedVAD()
    converted = convert_fireredvad(onnx_file(network), cmvn_file(np.random.default_rng(0).normal(3, 2, (100, 80))))
    for name, values in network.state_dict().items():
        if name not in ("mean", "deviation"):
            assert torch.equal(converted.state_dict()[name], values), name
    assert converted.mean.mean() == pytest.approx(3, abs=0.1)


def test_efficientat_is_read_from_published_names() -> None:
    torch.manual_seed(0)
    network = EfficientAT().eval()
    converted = convert_efficientat(state_file(network))
    bands = torch.randn(1, 128, 300)
    with torch.inference_mode():
        torch.testing.assert_close(converted(bands), network(bands))


def test_pickled_code_is_refused() -> None:
    file = io.BytesIO()
    torch.save({"features.0.0.weight": Path("x")}, file)
    with pytest.raises(pickle.UnpicklingError):
        convert_efficientat(file.getvalue())


@pytest.mark.skipif(not SHARED.is_dir(), reason="the published files are not in ../shared/published")
def test_converted_firered_gives_the_published_probabilities() -> None:
    content, cmvn = published_networks.NETWORKS["fireredvad"].read(SHARED)
    network = convert_fireredvad(content, cmvn)
    bands = 12 + 3 * torch.randn(1, 200, 80, generator=torch.Generator().manual_seed(0))
    normalised = (bands - network.mean) / network.deviation
    (expected,) = onnxruntime.InferenceSession(content).run(None, {"feat": normalised.numpy()})
    with torch.inference_mode():
        np.testing.assert_allclose(network(bands), expected, atol=1e-5)


@pytest.mark.skipif(not SHARED.is_dir(), reason="the published files are not in ../shared/published")
@pytest.mark.parametrize("name", published_networks.NETWORKS)
def test_shipped_weights_are_those_of_the_published_files(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(weights.save, "__defaults__", (tmp_path,))
    published_networks.fetch_and_export(name, "test", SHARED)
    assert weights.card(name, tmp_path).files == weights.card(name).files


@pytest.mark.parametrize("name", published_networks.NETWORKS)
def test_command_writes_weights_with_their_origin(
    name: str, files: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(weights.save, "__defaults__", (tmp_path,))
    result = CliRunner().invoke(app, ["published", name, "--folder", str(files)])
    assert result.exit_code == 0, result.output
    card = weights.card(name, tmp_path)
    (stage,) = card.stages
    assert stage.kind == "convert" and stage.settings["url"].startswith("https://github.com/")
    assert published_networks.NETWORKS[name].files.items() <= stage.settings.items()
    network = FireRedVAD() if name == "fireredvad" else EfficientAT()
    weights.fill(network, name, name, tmp_path)


@pytest.mark.parametrize("damage", ["missing", "another"])
@pytest.mark.parametrize(("network", "name"), [("fireredvad", "cmvn.ark"), ("efficientat", "mn04_as_mAP_432.pt")])
def test_missing_and_other_files_are_refused(network: str, name: str, damage: str, files: Path) -> None:
    (files / name).unlink()
    if damage == "another":
        (files / name).write_bytes(b"something else")
    with pytest.raises(weights.WeightsError, match=f"{name} is missing, or is not the published file"):
        published_networks.NETWORKS[network].read(files)
    result = CliRunner().invoke(app, ["published", network, "--folder", str(files)])
    assert result.exit_code == 2 and isinstance(result.exception, SystemExit)
    assert "is not the published file" in result.stderr and "Traceback" not in result.output


@pytest.mark.parametrize("error", [OSError("no network"), ValueError("SHA256 hash does not match")])
def test_failed_download_is_reported(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> str:
        raise error

    monkeypatch.setattr(published_networks.pooch, "retrieve", fail)
    with pytest.raises(weights.WeightsError, match=rf"cannot be fetched: {error}.*--folder"):
        published_networks.NETWORKS["efficientat"].read(None)
    result = CliRunner().invoke(app, ["published", "efficientat"])
    assert result.exit_code == 2 and "--folder" in result.stderr


def test_download_is_checked_by_its_hash(files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def retrieve(url: str, known_hash: str) -> str:
        asked.append((url, known_hash))
        return str(files / url.rpartition("/")[2])

    monkeypatch.setattr(published_networks.pooch, "retrieve", retrieve)
    published = published_networks.NETWORKS["fireredvad"]
    assert published.read(None) == [(files / name).read_bytes() for name in published.files]
    assert asked == [(f"{published.url}/{name}", f"sha256:{digest}") for name, digest in published.files.items()]


def test_unknown_network_is_named() -> None:
    result = CliRunner().invoke(app, ["published", "yamnet"])
    assert result.exit_code == 2 and "yamnet" in result.stderr
