"""One training engine for every recipe: AdamW, a schedule per batch, checkpoints, exact resume, logs.

Each sitting logs to `logs` as CSV, and for TensorBoard: `tensorboard --logdir` shows what is under that folder.
"""

from __future__ import annotations

import csv
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal

import lightning
import torch
from lightning.pytorch.callbacks import Callback, EarlyStopping, ModelCheckpoint, TQDMProgressBar
from lightning.pytorch.loggers import CSVLogger, TensorBoardLogger
from torch import Tensor, nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import CosineAnnealingWarmRestarts, LRScheduler, OneCycleLR
from torch.optim.swa_utils import AveragedModel
from torch.utils.data import DataLoader, Dataset, Sampler

from train.engine import hardware, lr_finder
from train.engine.precision import bf16_is_fast

Loss = Callable[[nn.Module, tuple[Tensor, ...]], Tensor]
Score = Callable[[nn.Module], dict[str, float]]


@dataclass(frozen=True)
class Schedule:
    """How long and how fast. `samples` are seen in all, in `rounds` equal parts with a validation after each.

    Attributes:
        half: compute in half precision on machines that are made for it.
        restarts: warm restarts of a cosine (Loshchilov & Hutter 2017), as system A meant it; 0 is one cycle.
        patience: rounds without a better score after which training stops; 0 never does.
    """

    samples: int
    batch: int
    rate: float
    rounds: int = 10
    decay: float = 1e-2
    clip: float = 1.0
    half: bool = True
    workers: int = 1
    restarts: int = 0
    patience: int = 0

    @property
    def precision(self) -> Literal["32-true", "bf16-mixed"]:
        """What this machine computes in."""
        return "bf16-mixed" if self.half and bf16_is_fast() else "32-true"

    @property
    def round_batches(self) -> int:
        """Batches between two validations."""
        return max(1, self.samples // (self.batch * self.rounds))


class Rounds(Sampler[int]):
    """Sample numbers that go on from round to round, so that sample `i` is the same however often a run was resumed."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.round = 0

    def set_epoch(self, epoch: int) -> None:
        """Called by the trainer before each round."""
        self.round = epoch

    def __iter__(self) -> Iterator[int]:
        return iter(range(self.round * self.size, (self.round + 1) * self.size))

    def __len__(self) -> int:
        return self.size


class Task(lightning.LightningModule):
    """A network, the loss of a batch and the score that chooses between rounds (higher `score` is better)."""

    def __init__(self, network: nn.Module, loss: Loss, score: Score, schedule: Schedule, seed: int) -> None:
        super().__init__()
        self.network = network
        self.loss = loss
        self.score = score
        self.schedule = schedule
        self.seed = seed

    def on_train_batch_start(self, *_: object) -> None:
        """Every batch draws its own dropout and masks, the same ones after a resume."""
        torch.manual_seed(1_000_000 * self.seed + self.global_step)

    def training_step(self, batch: tuple[Tensor, ...]) -> Tensor:
        """The loss of one batch."""
        loss = self.loss(self.network, batch)
        self.log("loss", loss, prog_bar=True)
        return loss

    def on_train_epoch_end(self) -> None:
        """Validate a copy on the processor after every round, wherever the network learns."""
        with torch.inference_mode():
            self.log_dict(self.score(deepcopy(self.network).cpu().eval()), prog_bar=True)

    def configure_optimizers(self) -> Any:
        """AdamW and its schedule over the whole run, stepped per batch."""
        optimizer, pace = paced(self.network.parameters(), self.schedule)
        return [optimizer], [{"scheduler": pace, "interval": "step"}]


def paced(parameters: Iterable[nn.Parameter], schedule: Schedule) -> tuple[Optimizer, LRScheduler]:
    """AdamW, and its learning rate for every batch of the run: one cycle (Smith & Topin 2019), or restarts."""
    optimizer = torch.optim.AdamW(parameters, lr=schedule.rate, weight_decay=schedule.decay)
    steps = schedule.round_batches * schedule.rounds
    if schedule.restarts:
        return optimizer, CosineAnnealingWarmRestarts(optimizer, -(-steps // (schedule.restarts + 1)))
    return optimizer, OneCycleLR(optimizer, schedule.rate, total_steps=steps, pct_start=0.15)


def rates(schedule: Schedule) -> list[float]:
    """The learning rate of every batch of a run."""
    optimizer, pace = paced([nn.Parameter(torch.zeros(1))], schedule)
    found = []
    for _ in range(schedule.round_batches * schedule.rounds):
        found.append(float(pace.get_last_lr()[0]))
        optimizer.step()
        pace.step()
    return found


def curve(run: Path) -> list[dict[str, float]]:
    """What was logged last in each round of a run, name to value, from the logs of all its sittings."""
    rounds: dict[int, dict[str, float]] = {}
    for log in sorted(run.glob("logs/*/metrics.csv"), key=lambda path: path.stat().st_mtime):
        with log.open(newline="", encoding="utf8") as lines:
            for row in csv.DictReader(lines):
                named = {name: float(value) for name, value in row.items() if value and name not in ("epoch", "step")}
                rounds.setdefault(int(row["epoch"]), {}).update(named)
    return [rounds[number] for number in sorted(rounds)]


def fit(
    network: nn.Module,
    data: Dataset[tuple[Tensor, ...]],
    loss: Loss,
    score: Score,
    schedule: Schedule,
    run: Path,
    seed: int,
) -> None:
    """Train `network` in place, resuming from `run` where a checkpoint is there; it ends with its best round's weights.

    Args:
        data: sample number to tensors; any non-negative number is valid.
        run: folder of checkpoints and, for each sitting, of logs.
        seed: of what is random in training beside the data.
    """
    warnings.filterwarnings("ignore", module="lightning")
    size = schedule.round_batches * schedule.batch
    loader = DataLoader(
        data,
        schedule.batch,
        sampler=Rounds(size),
        num_workers=schedule.workers,
        persistent_workers=schedule.workers > 0,
    )
    # A run that stopped before its first `last` starts again, and must replace the `best` that it left behind.
    save = partial(ModelCheckpoint, run, save_on_train_epoch_end=True, enable_version_counter=False)
    best, latest = save("best", monitor="score", mode="max"), save("last")
    callbacks: list[Callback] = [best, latest, TQDMProgressBar(refresh_rate=50)]
    if schedule.patience:
        callbacks.append(EarlyStopping("score", patience=schedule.patience, mode="max", check_on_train_epoch_end=True))
    trainer = lightning.Trainer(
        **hardware.named(),
        max_epochs=schedule.rounds,
        precision=schedule.precision,
        gradient_clip_val=schedule.clip,
        logger=[CSVLogger(run, name="logs"), TensorBoardLogger(run, name="logs")],
        callbacks=callbacks,
        log_every_n_steps=50,
        enable_model_summary=False,
        num_sanity_val_steps=0,
        limit_val_batches=0,
    )
    # Convolutions on a CPU are about an eighth faster this way.
    network.train().to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    task = Task(network, loss, score, schedule, seed)
    last, finished = run / "last.ckpt", run / "finished"
    if not finished.exists():
        if not last.exists():
            lr_finder.tell(network, data, loss, schedule, run, seed)
        trainer.fit(task, loader, ckpt_path=last if last.exists() else None, weights_only=False)
        finished.touch()
    task.load_state_dict(torch.load(run / "best.ckpt", map_location="cpu", weights_only=False)["state_dict"])
    network.eval()


def average(networks: Sequence[nn.Module]) -> nn.Module:
    """The mean of networks that went on from the same weights (Wortsman et al. 2022), running statistics included."""
    mean = AveragedModel(networks[0], use_buffers=True)
    for network in networks:
        mean.update_parameters(network)
    return mean.module


def blend(network: nn.Module, before: dict[str, Tensor], kept: float) -> None:
    """Move the weights of a network a share of the way back to what they were `before`."""
    for name, weight in network.state_dict().items():
        if weight.is_floating_point():
            weight.lerp_(before[name], kept)
