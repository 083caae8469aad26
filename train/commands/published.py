"""Command for published networks: `published`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from train.commands.errors import report_errors
from train.commands.options import typed_command

app = typer.Typer()


@app.command()
@report_errors()
def published(
    network: Annotated[Literal["fireredvad", "efficientat", "tagger"], typer.Argument(help="Name of the network.")],
    folder: Annotated[
        Path | None,
        typer.Option(help="Folder with the published files of fireredvad or efficientat, instead of a download."),
    ] = None,
) -> None:
    """Download a published network by its hash, convert it, and write weights/NETWORK."""
    from train.recipes import music_tagger, published_networks

    if network == "tagger":
        music_tagger.fetch_and_export(typed_command())
    else:
        published_networks.fetch_and_export(network, typed_command(), folder)
