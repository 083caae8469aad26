"""All commands that write weights or records, one after the other: `python -m train all`."""

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
from gender_audio.systems.music_embedding import SYSTEM as TAGGER
from train import run_records
from train.commands.errors import report_errors
from train.commands.options import CACHE

app = typer.Typer()

LAST = 15
"""Lines of a log that are shown when its stage fails."""


@dataclass(frozen=True)
class Stage:
    """One command.

    Attributes:
        name: of its log, and of the mark that it is finished.
        words: what follows `python -m train`.
        folders: which of data, protocol and cache it asks for.
        quick: what to add where it is only to run.
    """

    name: str
    words: str
    folders: str = "data protocol cache"
    quick: str = "--quick"


STAGES = (
    Stage("eda", "eda", "data", quick=""),
    Stage("separator", "separator"),
    Stage("singing", "singing --everyone", "data cache"),
    Stage("student", "student --everyone", "data cache"),
    Stage("speech-mfcc", "speech-mfcc", "data cache"),
    Stage("speech-mel", "speech-mel", "data cache"),
    Stage("genre", "genre", "data cache"),
    Stage("explain", "explain singing speech-mfcc speech-mel", quick="--rows 4"),
    Stage("ablation", "ablation"),
    Stage("separators", "separator --evaluate"),
    Stage("evaluate", "evaluate", "data protocol", quick=""),
)
"""In an order in which each finds the weights that it needs."""


@app.command("all")
@report_errors()
def everything(
    quick: Annotated[bool, typer.Option("--quick", help="As little as runs through, on a synthesised corpus.")] = False,
    out: Annotated[
        Path | None, typer.Option(help="Folder of the logs, and with --quick of all that is made.", file_okay=False)
    ] = None,
) -> None:
    """Train and measure everything with the usual options; started anew, it goes on where it stopped.

    With --quick nothing is asked for and nothing in the repository changes: a synthesised corpus of a few minutes is
    written to the folder, and weights, docs and logs beside it.
    """
    run(STAGES, (out or CACHE / ("all-quick" if quick else "all")).resolve(), quick)


def run(stages: Sequence[Stage], out: Path, quick: bool) -> None:
    """Run the stages that are not finished, each in a process of its own, and say how long each took.

    Raises:
        typer.Exit: one failed; the last lines of its log have been shown.
    """
    logs, environment = out / "logs", dict(os.environ)
    logs.mkdir(parents=True, exist_ok=True)
    if quick:
        environment |= {weights.VARIABLE: str(out / "weights"), run_records.VARIABLE: str(out / "docs")}
        synthesise(out)
    for stage in stages:
        typer.echo(f"{stage.name:<12}", nl=False)
        mark, log = logs / f"{stage.name}.finished", logs / f"{stage.name}.log"
        if mark.exists():
            typer.echo(f"finished before; delete {mark} to run it again")
            continue
        start = time.monotonic()
        with log.open("w", encoding="utf8") as lines:
            failed = subprocess.run(words(stage, out, quick), env=environment, stdout=lines, stderr=lines).returncode
        if failed:
            typer.echo(f"failed; the end of {log}:")
            typer.echo("\n".join(log.read_text(encoding="utf8", errors="replace").splitlines()[-LAST:]), err=True)
            raise typer.Exit(1)
        mark.touch()
        typer.echo(f"{time.monotonic() - start:6.0f} s")


def synthesise(out: Path) -> None:
    """Write the corpus, the protocol and the tagger's weights into `out`, as far as they are not there yet."""
    from train.data.synthesis import toy_corpus

    if not (out / "data" / "manifest.csv").exists():
        toy_corpus.write(out)
    published = out / "weights" / TAGGER  # not learnt here
    if not published.exists():
        with atomic_write(published) as made:
            shutil.copytree(weights.FOLDER / TAGGER, made)


def words(stage: Stage, out: Path, quick: bool) -> list[str]:
    """What is typed for a stage."""
    typed = [sys.executable, "-m", "train", *stage.words.split()]
    if quick:
        typed += stage.quick.split()
        for folder in stage.folders.split():
            typed += [f"--{folder}", str(out / folder)]
    return typed
