"""Options that several commands share."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from gender_audio import weights
from gender_audio.separation.spleeter.environment import Environment
from train import run_records
from train.engine import lr_finder


def _there(context: typer.Context, path: Path) -> Path:
    # What was typed comes before what was not, so other songs are known here; they need no shared corpora.
    if not path.exists() and not context.params.get("songs"):
        raise typer.BadParameter(f"path {str(path)!r} does not exist.")
    return path


Data = Annotated[Path, typer.Option(help="Folder of the corpora, with manifest.csv.", callback=_there)]
Protocol = Annotated[Path, typer.Option(help="Folder of remix_test.csv and remix_val.csv.", callback=_there)]
Cache = Annotated[Path, typer.Option(help="Folder for decoded audio, features and checkpoints.")]
Seed = Annotated[int, typer.Option(min=0, max=2**32 - 1, help="Everything random follows from it.")]
Everyone = Annotated[
    bool, typer.Option("--everyone", help="Learn from the singers of the val split, too, once all else is chosen.")
]
Recalibrate = Annotated[
    bool,
    typer.Option(
        "--recalibrate",
        help="Only calibrate the shipped members and their student behind the separator of today; needs some that were "
        "not refitted.",
    ),
]


def _elsewhere(quick: bool) -> bool:
    names = (weights.VARIABLE, run_records.VARIABLE)
    if quick and not all(os.environ.get(name) for name in names):
        raise typer.BadParameter(f"it would replace what is trained well; set {' and '.join(names)} to other folders.")
    return quick


Quick = Annotated[
    bool, typer.Option("--quick", help="As little as runs through: to see that it works.", callback=_elsewhere)
]


def _found(asked: bool) -> bool:
    # Members learn in processes of their own, which inherit it.
    if asked:
        os.environ[lr_finder.VARIABLE] = "1"
    return asked


FindRate = Annotated[
    bool,
    typer.Option(
        "--find-rate",
        help="Before each training that begins, try ever higher learning rates on a copy of its network: the rate that "
        "is suggested is said, and the curve written beside the logs. What is trained stays the same.",
        callback=_found,
    ),
]


def _installed(name: str) -> str:
    if name == "spleeter" and (problem := Environment.default().problem()):
        raise typer.BadParameter(problem)
    return name


SeparatorName = Annotated[
    Literal["unet", "spleeter"], typer.Option("--separator", help="What finds the vocals.", callback=_installed)
]

DATA = Path("../shared/data")
PROTOCOL = Path("../shared/protocol")
CACHE = Path.home() / ".cache" / "gender-audio"
MEMBERS = 20
"""Networks in an ensemble, unless told otherwise."""


def command() -> str:
    """What was typed, for cards and records."""
    return " ".join(["python -m train", *sys.argv[1:]])
