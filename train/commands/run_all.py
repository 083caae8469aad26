"""Run all commands that write weights or records, one after the other: `python -m train all`."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from gender_audio import weights
from gender_audio.atomic_write import atomic_write
from gender_audio.separation.spleeter import SYSTEM as SPLEETER
from gender_audio.systems.music_embedding import SYSTEM as TAGGER
from gender_audio.systems.published import efficientat, fireredvad
from train import run_records
from train.commands.errors import report_errors
from train.commands.options import CACHE

app = typer.Typer()

PUBLISHED = (TAGGER, SPLEETER, fireredvad.NAME, efficientat.NAME)
"""Folders of the weights that are published, not trained here."""
LOG_LINES = 15
"""Last lines of a log that are printed when its stage fails."""


@dataclass(frozen=True)
class Stage:
    """One command of `train all`.

    Attributes:
        name: name of its log, and of the file that marks it as finished.
        words: the command and its options after `python -m train`.
        folders: which of the options --data, --protocol and --cache it takes.
        quick: options that a quick run adds.
    """

    name: str
    words: str
    folders: str = "data protocol cache"
    quick: str = "--quick"


STAGES = (
    Stage("eda", "eda", "data", quick=""),
    Stage("separator", "separator"),
    Stage("singing", "singing", "data cache"),
    Stage("combination", "combination"),
    Stage("timeline", "timeline", "data cache"),
    Stage("speech-mfcc", "speech-mfcc", "data cache"),
    Stage("speech-mel", "speech-mel", "data cache"),
    Stage("genre", "genre", "data cache"),
    Stage("explain", "explain singing speech-mfcc speech-mel", quick="--rows 4"),
    Stage("ablation", "ablation"),
    Stage("separators", "separator --evaluate"),
    Stage("evaluate", "evaluate", "data protocol", quick=""),
)
"""In an order in which each stage finds the weights that it needs."""


@app.command("all")
@report_errors()
def everything(
    quick: Annotated[
        bool, typer.Option("--quick", help="Train as little as possible, on a synthesised corpus.")
    ] = False,
    out: Annotated[
        Path | None, typer.Option(help="Folder of the logs and, with --quick, of all output.", file_okay=False)
    ] = None,
) -> None:
    """Train and evaluate everything with the default options. A stopped run continues when it is started again.

    With --quick, nothing in the repository changes: the folder --out gets a synthesised corpus of a few minutes,
    weights, docs and logs.
    """
    run(STAGES, (out or CACHE / ("all-quick" if quick else "all")).resolve(), quick)


def run(stages: Sequence[Stage], out: Path, quick: bool) -> None:
    """Run the stages that are not finished, each in a separate process, and print how long each took.

    Raises:
        typer.Exit: a stage failed; the last lines of its log have been printed.
    """
    logs, environment = out / "logs", dict(os.environ)
    logs.mkdir(parents=True, exist_ok=True)
    if quick:
        environment |= {weights.VARIABLE: str(out / "weights"), run_records.VARIABLE: str(out / "docs")}
        write_toy_data(out)
    for stage in stages:
        typer.echo(f"{stage.name:<12}", nl=False)
        mark, log = logs / f"{stage.name}.finished", logs / f"{stage.name}.log"
        if mark.exists():
            typer.echo(f"finished before; delete {mark} to run it again")
            continue
        start = time.monotonic()
        with log.open("w", encoding="utf8") as lines:
            status = subprocess.run(
                command_line(stage, out, quick), env=environment, stdout=lines, stderr=lines
            ).returncode
        if status:
            typer.echo(f"failed; the end of {log}:")
            typer.echo("\n".join(log.read_text(encoding="utf8", errors="replace").splitlines()[-LOG_LINES:]), err=True)
            raise typer.Exit(1)
        mark.touch()
        typer.echo(f"{time.monotonic() - start:6.0f} s")


def write_toy_data(out: Path) -> None:
    """Write the toy corpus, its protocol and the published weights into `out`, unless they exist."""
    from train.data.synthesis import toy_corpus

    if not (out / "data" / "manifest.csv").exists():
        toy_corpus.write(out)
    for name in PUBLISHED:
        target = out / "weights" / name
        if not target.exists():
            with atomic_write(target) as folder:
                shutil.copytree(weights.FOLDER / name, folder)


def command_line(stage: Stage, out: Path, quick: bool) -> list[str]:
    """The command line of a stage."""
    arguments = [sys.executable, "-m", "train", *stage.words.split()]
    if quick:
        arguments += stage.quick.split()
        for folder in stage.folders.split():
            arguments += [f"--{folder}", str(out / folder)]
    return arguments
