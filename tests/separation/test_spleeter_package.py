"""Deezer's package: the real one with the weights of the repository, and the code around it with a fake worker."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gender_audio import synth
from gender_audio.audio import Clip
from gender_audio.separation import SeparationError
from gender_audio.separation.spleeter import CHUNKS, Spleeter, Transform, load_networks
from gender_audio.separation.spleeter_package.environment import VARIABLES, Environment
from gender_audio.separation.spleeter_package.separator import RATE, SCRIPT, SpleeterPackage
from tests.separation.test_worker import has_ended
from tests.spleeter import ENVIRONMENT

pytestmark = pytest.mark.spleeter

CHECKPOINT = Path(__file__).with_name("checkpoint.py")
TIMEOUT_S = 600.0
AGREEMENT_DB = 90.0
"""How far the difference of both implementations must be below each stem; 103 dB and 95 dB were measured."""


def halve(mixture: np.ndarray) -> np.ndarray:
    assert mixture.dtype == np.float32 and len(mixture) == 2
    assert mixture.shape[1] <= round(CHUNKS.length_s * RATE)
    return mixture / 2


@settings(max_examples=15, deadline=None)
@given(
    seconds=st.floats(0.5, 60),
    channels=st.integers(1, 4),
    rate=st.sampled_from([8000, 16_000, 44_100, 48_000]),
)
def test_stems_are_stereo_and_sum_to_the_mixture(seconds: float, channels: int, rate: int) -> None:
    noise = np.random.default_rng(0).standard_normal((channels, round(seconds * rate))).astype(np.float32) * 0.1
    clip = Clip(noise, rate)
    stems = SpleeterPackage(halve)(clip)  # type: ignore[arg-type]
    mixture = clip.stereo(RATE)
    assert (stems.vocals.shape, stems.rate) == (mixture.shape, RATE)
    np.testing.assert_allclose(stems.vocals, mixture / 2, atol=1e-6)
    np.testing.assert_allclose(stems.vocals + stems.accompaniment, mixture, atol=1e-6)


def test_channels_are_not_swapped() -> None:
    stereo = Clip(np.stack([np.full(RATE, 0.5), np.full(RATE, -0.25)]).astype(np.float32), RATE)
    vocals = SpleeterPackage(halve)(stereo).vocals  # type: ignore[arg-type]
    np.testing.assert_allclose(vocals[:, 0], [0.25, -0.125])


def song() -> Clip:
    """Thirty seconds, so that two chunks overlap: a voice on the left, another on the right, and noise."""
    left, right = (synth.example(name).mono(RATE) for name in ("male-like", "female-like"))
    noise = np.random.default_rng(0).standard_normal((2, 30 * RATE)).astype(np.float32) * 0.01
    return Clip(noise + 0.5 * np.stack([np.resize(side, 30 * RATE) for side in (left, right)]), RATE)


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    """An environment with the written checkpoint, a clip, and the stems from Spleeter's own Separator."""
    if not ENVIRONMENT.python.exists():
        reason = "Spleeter is not installed for the tests; run `python -m tests.spleeter` where there is a network"
        pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)
    folder = tmp_path_factory.mktemp("spleeter")
    (folder / "python").symlink_to(ENVIRONMENT.folder / "python")
    environment = Environment(folder)
    environment.write_checkpoint(lambda line: None)
    clip = Clip(song().samples[:, : 10 * RATE], RATE)
    np.save(folder / "clip.npy", clip.samples)
    subprocess.run(
        [environment.python, "-I", CHECKPOINT, SCRIPT, folder],
        env={**os.environ, **VARIABLES, "MODEL_PATH": str(environment.model_path)},
        capture_output=True,
        timeout=TIMEOUT_S,
        check=True,
    )
    vocals, accompaniment = np.load(folder / "stems.npy")
    mismatches = json.loads((folder / "mismatches.json").read_text())
    return SimpleNamespace(
        environment=environment, clip=clip, vocals=vocals, accompaniment=accompaniment, mismatches=mismatches
    )


@pytest.fixture(scope="module")
def package(real: SimpleNamespace) -> SpleeterPackage:
    loaded = SpleeterPackage.load(real.environment)
    loaded.worker.start_s = loaded.worker.answer_s = TIMEOUT_S
    return loaded


@pytest.mark.parametrize("seconds", [3, 12])
@pytest.mark.parametrize("channels", [1, 2])
def test_stems_equal_those_of_the_networks_in_this_process(
    package: SpleeterPackage, seconds: int, channels: int
) -> None:
    clip = Clip(song().samples[:channels, : seconds * RATE], RATE)
    ours = Spleeter(*load_networks(), Transform(multiple=512, edge_s=0))(clip)
    theirs = package(clip)
    for name in ("vocals", "accompaniment"):
        expected, stem = getattr(theirs, name), getattr(ours, name)
        expected = expected if channels == 2 else expected.mean(0, keepdims=True)
        level_db = 10 * np.log10(np.square(expected).mean() / np.square(stem - expected).mean())
        assert level_db > AGREEMENT_DB


def test_checkpoint_with_four_stems_is_rejected(real: SimpleNamespace) -> None:
    assert real.mismatches["2stems"] == ""
    assert real.mismatches["4stems"].startswith("it also has")
    assert "cannot read it" in real.mismatches["no stems"]


def below_10_khz(samples: np.ndarray) -> np.ndarray:
    """Samples [2, n] below 10 kHz, without the ends, where the filter rings."""
    spectrum = np.fft.rfft(samples)
    spectrum[:, np.fft.rfftfreq(samples.shape[1], 1 / RATE) > 10_000] = 0
    return np.fft.irfft(spectrum, samples.shape[1])[:, 4096:-4096]


def test_real_worker_answers_restarts_and_times_out(real: SimpleNamespace, package: SpleeterPackage) -> None:
    """One test, because every start of TensorFlow takes seconds."""
    spleeter, worker = package, package.worker

    stems = spleeter(real.clip)
    assert stems.vocals.shape == real.clip.samples.shape and stems.rate == RATE
    np.testing.assert_allclose(stems.vocals, real.vocals, atol=1e-5)
    np.testing.assert_allclose(below_10_khz(stems.accompaniment), below_10_khz(real.accompaniment), atol=1e-3)
    np.testing.assert_allclose(stems.vocals + stems.accompaniment, real.clip.samples, atol=1e-6)
    assert 0.1 < np.std(stems.vocals) / np.std(real.clip.samples) < 0.9

    started = worker.pid
    answers: dict[str, np.ndarray] = {}
    clips = {"first": real.clip, "second": song()}
    clients = [
        threading.Thread(target=lambda name=name: answers.update({name: spleeter(clips[name]).vocals}))
        for name in clips
    ]
    for client in clients:
        client.start()
    for client in clients:
        client.join(TIMEOUT_S)
    np.testing.assert_allclose(answers["first"], stems.vocals, atol=1e-5)
    assert answers["second"].shape == song().samples.shape
    assert worker.pid == started is not None

    os.kill(started, signal.SIGKILL)
    assert has_ended(started)
    np.testing.assert_allclose(spleeter(real.clip).vocals, stems.vocals, atol=1e-5)
    restarted = worker.pid
    assert restarted not in (started, None)

    worker.answer_s = 0.01
    with pytest.raises(SeparationError, match=r"longer than 0\.01 s"):
        spleeter(real.clip)
    assert has_ended(restarted)
