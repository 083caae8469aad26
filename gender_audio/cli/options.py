"""Arguments and options that commands share, and their checks."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from gender_audio.audio import LIMITS
from gender_audio.systems.registry import SYSTEMS, find_system


def parse_system(name: str) -> str:
    """The current name of a system, given that or an old one."""
    try:
        return find_system(name).name
    except ValueError as error:
        raise typer.BadParameter(f"choose from {', '.join(SYSTEMS)}.") from error


Files = Annotated[list[Path], typer.Argument(metavar="FILE", help="Recordings in any common format, or folders.")]
SystemName = Annotated[
    str, typer.Option("--system", metavar="|".join(SYSTEMS), callback=parse_system, help="The system that classifies.")
]
FileFormat = Annotated[
    Literal["json", "csv", "audacity", "rttm", "textgrid"] | None,
    typer.Option("--format", help="Write this instead of tables; all but json hold the segments of the timeline."),
]
AsJson = Annotated[bool, typer.Option("--json", help="The same as --format json.")]
Out = Annotated[
    Path | None,
    typer.Option(help="Folder for one file about each recording; created if it does not exist. JSON by default."),
]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace existing files.")]
SeparatorName = Annotated[
    Literal["unet", "spleeter", "spleeter-package", "none"] | None,
    typer.Option(
        help="Separator of the singing system; unet by default. none: classify the mixture without separation. "
        "spleeter-package: Deezer's own package, if it is installed."
    ),
]
Members = Annotated[
    int | None, typer.Option(min=1, metavar="N", help="Number of networks in the ensemble; all by default.")
]
Seconds = Annotated[float, typer.Option(min=LIMITS.shortest_s, max=LIMITS.longest_s, help="Length in seconds.")]
