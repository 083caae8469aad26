"""Arguments and options that commands share, and their checks."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from gender_audio.audio import LIMITS
from gender_audio.systems.labels import STUDENT
from gender_audio.systems.registry import SYSTEMS, find_system


def parse_system(name: str) -> str:
    """The current name of a system, given that or an old one."""
    try:
        return find_system(name).name
    except ValueError as error:
        raise typer.BadParameter(f"choose from {', '.join(SYSTEMS)}.") from error


def parse_members(text: str) -> int | str:
    """A positive number, or the student."""
    if text == STUDENT:
        return text
    if text.isdigit() and int(text) > 0:
        return int(text)
    raise typer.BadParameter(f"give a number from 1, or {STUDENT}.")


Files = Annotated[list[Path], typer.Argument(metavar="FILE", help="Recordings in any common format, or folders.")]
SystemName = Annotated[
    str, typer.Option("--system", metavar="|".join(SYSTEMS), callback=parse_system, help="The system that classifies.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of tables.")]
SeparatorName = Annotated[
    Literal["unet", "spleeter", "spleeter-package", "none"] | None,
    typer.Option(
        help="Separator of the singing system; unet by default. none: classify the mixture without separation. "
        "spleeter-package: Deezer's own package, if it is installed."
    ),
]
Members = Annotated[
    Any,
    typer.Option(
        parser=parse_members,
        metavar=f"N|{STUDENT}",
        help="Number of networks in the ensemble; all by default. student: the one network distilled from them.",
    ),
]
Seconds = Annotated[float, typer.Option(min=LIMITS.shortest_s, max=LIMITS.longest_s, help="Length in seconds.")]
