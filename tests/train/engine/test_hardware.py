"""Each training run has one device, and pools have one process per device; several devices are simulated."""

from __future__ import annotations

import os
import time
from functools import partial
from pathlib import Path

import lightning
import pytest
import torch
from joblib import cpu_count
from lightning.pytorch.strategies import SingleDeviceStrategy

from gender_audio.models.resnet import ResNet34
from gender_audio.models.unet import MaskNet
from gender_audio.systems.genre_models import NetworkSizes
from gender_audio.systems.speech_mfcc import NETWORKS
from tests.train.pools import InProcessPool
from tests.train.toy_fit import SHORT, Line, LineWithDropout, score, squared
from train.data.clip_cache import ClipFeatureCache
from train.engine import hardware
from train.engine.augment import StackSpecAugment, mixup
from train.engine.fit import fit
from train.recipes import clips, separator, singing, speech_mel, speech_mfcc, speech_mfcc_raw, speech_training
from train.recipes.crossfit import WeightedCrossEntropy
from train.recipes.speech_mfcc_configs import NetworkConfig

pytestmark = pytest.mark.slow


@pytest.fixture(params=[0, 1, 3])
def cuda(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    """Number of CUDA devices that PyTorch reports."""
    monkeypatch.setattr(torch.cuda, "device_count", lambda: request.param)
    return int(request.param)


@pytest.fixture
def trainers(monkeypatch: pytest.MonkeyPatch) -> list[lightning.Trainer]:
    """All trainers whose `fit` was called; `fit` raises InterruptedError instead of training."""
    used: list[lightning.Trainer] = []

    def stop(trainer: lightning.Trainer, *_: object, **__: object) -> None:
        used.append(trainer)
        raise InterruptedError

    monkeypatch.setattr(lightning.Trainer, "fit", stop)
    return used


@pytest.mark.parametrize("place", [0, 2])
def test_training_uses_one_device(
    cuda: int, place: int, trainers: list[lightning.Trainer], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = min(place, max(0, cuda - 1))
    monkeypatch.setattr(hardware, "_device_number", place)
    with pytest.raises(InterruptedError):
        fit(LineWithDropout(), Line(), squared, score, SHORT, tmp_path, seed=0)
    (trainer,) = trainers
    assert isinstance(trainer.strategy, SingleDeviceStrategy)
    assert (
        trainer.strategy.root_device == torch.device(f"cuda:{place}" if cuda else "cpu") == hardware.training_device()
    )
    assert trainer.num_devices == trainer.world_size == 1


@pytest.mark.parametrize("jobs", [1, 2, 500])
def test_pool_has_one_process_per_device(cuda: int, jobs: int, monkeypatch: pytest.MonkeyPatch) -> None:
    job_counts: list[int] = []
    monkeypatch.setattr(hardware, "ProcessPoolExecutor", lambda count, **_: job_counts.append(count))
    hardware.pool(jobs)
    assert job_counts == [min(jobs, cuda or cpu_count())]


def train_together(folder: Path, _: int) -> tuple[int, int]:
    """The process of a job and its device number, once two jobs have begun."""
    (folder / str(os.getpid())).touch()
    until = time.monotonic() + 120
    while len(list(folder.iterdir())) < 2 and time.monotonic() < until:
        time.sleep(0.05)
    return os.getpid(), hardware._device_number


def test_pool_processes_have_different_devices(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    with hardware.pool(5) as pool:
        processes = set(pool.map(partial(train_together, tmp_path), range(5)))
    assert len(processes) == 2, "a process keeps its device"
    assert {place for _, place in processes} == {0, 1}


def test_members_use_the_pool(corpus: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    job_counts: list[int] = []
    monkeypatch.setattr(hardware, "pool", lambda jobs: job_counts.append(jobs) or InProcessPool())
    for recipe in (singing, clips):
        monkeypatch.setattr(recipe, "train_member", lambda plan, member: torch.nn.Identity())
    monkeypatch.setattr(singing, "build_cache", lambda plan: None)
    singing.train(singing.Recipe(corpus, corpus, n_midi=0, n_mbrola=0, members=3))
    clips.train(clips.Recipe((), (), ClipFeatureCache(corpus, singing.FEATURE), members=4))
    assert job_counts == [3, 4]


GENDERS = torch.tensor([0, 1, 1])
LOSSES = {
    "singing": (singing.loss, ResNet34(1, 4), (4, 1, 149, 80)),
    "separator": (separator.loss, MaskNet(), (4, 48_000)),
    "speech-mel": (
        speech_training.cross_entropy(speech_mel.prepare, partial(mixup, alpha=0.2)),
        ResNet34(1, 4, 2),
        (4, 128, 150),
    ),
    "sound": (
        speech_training.cross_entropy(speech_mfcc_raw.prepare, partial(mixup, alpha=0.2)),
        ResNet34(1, 4, 2),
        (4, 12, 98),
    ),
    "speech-mfcc": (
        speech_mfcc.loss(NetworkConfig("cepstral", speaker_loss_weight=1.0, mixup=0.4), GENDERS),
        NETWORKS["cepstral"](4, 2 + len(GENDERS)),
        (4, 12, 98),
    ),
    "genre": (
        WeightedCrossEntropy(torch.ones(2), StackSpecAugment(), mixup=0.3),
        NetworkSizes(picture=4).build("picture"),
        (4, 160, 216),
    ),
}


@pytest.mark.parametrize("name", LOSSES)
def test_loss_stays_on_the_device_of_its_batch(name: str) -> None:
    loss, network, shape = LOSSES[name]
    features = torch.zeros(shape, device="meta")
    targets = features if name == "separator" else torch.zeros(shape[0], dtype=torch.long, device="meta")
    assert loss(network.to("meta"), (features, targets)).device.type == "meta"
