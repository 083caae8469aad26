"""One training loop for every recipe: AdamW, a learning rate per batch, checkpoints, exact resume, logs.

Each call of `fit` logs to `logs` as CSV and for TensorBoard: `tensorboard --logdir` shows all runs below a folder.
"""

from __future__ import annotations

import csv
import warnings
from collections.abc import Iterator
from copy import deepcopy
from functools import partial
from pathlib import Path
from typing import Any

import lightning
import torch
from lightning.pytorch.callbacks import Callback, EarlyStopping, ModelCheckpoint, TQDMProgressBar
from lightning.pytorch.loggers import CSVLogger, TensorBoardLogger
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset, Sampler

from train.engine import hardware, lr_finder
from train.engine.schedule import Schedule, optimiser
from train.engine.types import Loss, Score


class Rounds(Sampler[int]):
    """Consecutive sample numbers over all rounds, so that sample `i` is the same in a resumed run."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.round = 0

    def set_epoch(self, epoch: int) -> None:
        """Set the round; the trainer calls this before each one."""
        self.round = epoch

    def __iter__(self) -> Iterator[int]:
        return iter(range(self.round * self.size, (self.round + 1) * self.size))

    def __len__(self) -> int:
        return self.size


class Task(lightning.LightningModule):
    """A network, the loss of a batch, and the score by which the best round is chosen (higher `score` is better)."""

    def __init__(self, network: nn.Module, loss: Loss, score: Score, schedule: Schedule, seed: int) -> None:
        super().__init__()
        self.network = network
        self.loss = loss
        self.score = score
        self.schedule = schedule
        self.seed = seed

    def on_train_batch_start(self, *_: object) -> None:
        """Seed dropout and masks by batch, so that a resumed run draws the same ones."""
        torch.manual_seed(1_000_000 * self.seed + self.global_step)

    def training_step(self, batch: tuple[Tensor, ...]) -> Tensor:
        """The loss of one batch."""
        loss = self.loss(self.network, batch)
        self.log("loss", loss, prog_bar=True)
        return loss

    def on_train_epoch_end(self) -> None:
        """Validate a copy on the CPU after every round, whatever the device of the network."""
        with torch.inference_mode():
            self.log_dict(self.score(deepcopy(self.network).cpu().eval()), prog_bar=True)

    def configure_optimizers(self) -> Any:
        """AdamW and its learning rate over the whole run, stepped per batch."""
        optimizer, scheduler = optimiser(self.network.parameters(), self.schedule)
        return [optimizer], [{"scheduler": scheduler, "interval": "step"}]


def read_rounds(run: Path) -> list[dict[str, float]]:
    """The last logged values of each round of a run, name to value; logs of resumed runs are joined."""
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
    """Train `network` in place and leave it with the weights of its best round; resume from checkpoints in `run`.

    Args:
        data: sample number to tensors; any non-negative number is valid.
        run: folder of checkpoints and logs.
        seed: of dropout and augmentation.
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
    # A run that stopped before its first `last.ckpt` starts again and must replace its old `best.ckpt`.
    save = partial(ModelCheckpoint, run, save_on_train_epoch_end=True, enable_version_counter=False)
    best, latest = save("best", monitor="score", mode="max"), save("last")
    callbacks: list[Callback] = [best, latest, TQDMProgressBar(refresh_rate=50)]
    if schedule.patience:
        callbacks.append(EarlyStopping("score", patience=schedule.patience, mode="max", check_on_train_epoch_end=True))
    trainer = lightning.Trainer(
        **hardware.trainer_arguments(),
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
    # Convolutions on a CPU are about an eighth faster in this memory format.
    network.train().to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    task = Task(network, loss, score, schedule, seed)
    last, finished = run / "last.ckpt", run / "finished"
    if not finished.exists():
        if not last.exists():
            lr_finder.report_suggestion(network, data, loss, schedule, run, seed)
        trainer.fit(task, loader, ckpt_path=last if last.exists() else None, weights_only=False)
        finished.touch()
    task.load_state_dict(torch.load(run / "best.ckpt", map_location="cpu", weights_only=False)["state_dict"])
    network.eval()
