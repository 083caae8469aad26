"""`spleeter`: install Deezer's Spleeter, show its status, or remove it."""

from __future__ import annotations

import typer
from rich.console import Console
from rich.markup import escape

from gender_audio.cli.errors import fail
from gender_audio.separation import SeparationError
from gender_audio.separation.spleeter.environment import Environment

app = typer.Typer(help="Install Deezer's Spleeter, which `--separator spleeter` uses, in an environment of its own.")


@app.command("install")
def install() -> None:
    """Create an environment with Spleeter and download Deezer's checkpoint."""
    environment = Environment.default()
    if not environment.problem():
        typer.echo(f"Spleeter is already installed in {environment.folder}")
        return
    console = Console(stderr=True)
    with console.status("") as status:
        show_progress = status.update if console.is_terminal else console.print
        try:
            environment.install(lambda line: show_progress(escape(line)))
        except SeparationError as error:
            status.stop()
            fail(error)
    typer.echo(f"Installed Spleeter in {environment.folder}")


@app.command("status")
def show_status() -> None:
    """Say whether Spleeter can be used and where it is installed. The exit status is 2 if it cannot be used."""
    environment = Environment.default()
    if problem := environment.problem():
        fail(problem)
    typer.echo(f"Spleeter is ready in {environment.folder}, with the checkpoint in {environment.model_path}")


@app.command("remove")
def remove() -> None:
    """Delete the environment and the checkpoint that `install` downloaded."""
    environment = Environment.default()
    try:
        removed = environment.remove()
    except SeparationError as error:
        fail(error)
    typer.echo(f"Removed {environment.folder}" if removed else "Spleeter is not installed.")
