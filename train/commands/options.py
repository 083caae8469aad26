"""Options that several commands share."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from gender_audio import weights
from train import run_records
from train.engine import lr_finder


def _require_folder(context: typer.Context, path: Path) -> Path:
    # Given options are parsed before defaults, so `songs` is known here. Songs from folders need no shared corpora.
    if not path.exists() and not context.params.get("songs"):
        raise typer.BadParameter(f"path {str(path)!r} does not exist.")
    return path


Data = Annotated[Path, typer.Option(help="Folder of the corpora, with manifest.csv.", callback=_require_folder)]
Protocol = Annotated[Path, typer.Option(help="Folder with remix_test.csv and remix_val.csv.", callback=_require_folder)]
Cache = Annotated[Path, typer.Option(help="Folder for decoded audio, features and checkpoints.")]
Seed = Annotated[int, typer.Option(min=0, max=2**32 - 1, help="Seed of everything random.")]
IncludeVal = Annotated[
    bool,
    typer.Option(
        "--include-val", help="Also train on the singers of the val split. Use this for the final training only."
    ),
]


def _require_other_folders(quick: bool) -> bool:
    names = (weights.VARIABLE, run_records.VARIABLE)
    if quick and not all(os.environ.get(name) for name in names):
        raise typer.BadParameter(f"a quick run would replace good weights; set {' and '.join(names)} to other folders.")
    return quick


Quick = Annotated[
    bool,
    typer.Option(
        "--quick", help="Train as little as possible, to check that everything works.", callback=_require_other_folders
    ),
]


def _turn_on_finder(find_rate: bool) -> bool:
    # Members are trained in separate processes, which inherit the environment.
    if find_rate:
        os.environ[lr_finder.VARIABLE] = "1"
    return find_rate


FindRate = Annotated[
    bool,
    typer.Option(
        "--find-rate",
        help="Before each training, try rising learning rates on a copy of the network, print the suggested rate and "
        "write the curve beside the logs. Training itself stays the same.",
        callback=_turn_on_finder,
    ),
]


SeparatorName = Annotated[Literal["unet", "spleeter"], typer.Option("--separator", help="Separator of the vocals.")]

DATA = Path("../shared/data")
PROTOCOL = Path("../shared/protocol")
CACHE = Path.home() / ".cache" / "gender-audio"
MEMBERS = 20
"""Networks in an ensemble by default."""


def typed_command() -> str:
    """The command line, for cards and records."""
    return " ".join(["python -m train", *sys.argv[1:]])
