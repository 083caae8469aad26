"""Options that several commands share."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from gender_audio.separation.spleeter.environment import Environment

Data = Annotated[Path, typer.Option(help="Folder of the corpora, with manifest.csv.", exists=True)]
Protocol = Annotated[Path, typer.Option(help="Folder of remix_test.csv and remix_val.csv.", exists=True)]
Cache = Annotated[Path, typer.Option(help="Folder for decoded audio, features and checkpoints.")]
Seed = Annotated[int, typer.Option(help="Everything random follows from it.")]


def _installed(name: str) -> str:
    if name == "spleeter" and (problem := Environment.of_user().problem()):
        raise typer.BadParameter(problem)
    return name


SeparatorName = Annotated[
    Literal["unet", "spleeter"], typer.Option("--separator", help="What finds the vocals.", callback=_installed)
]

DATA = Path("../shared/data")
PROTOCOL = Path("../shared/protocol")
CACHE = Path.home() / ".cache" / "gender-audio"


def command() -> str:
    """What was typed, for cards and records."""
    return " ".join(["python -m train", *sys.argv[1:]])
