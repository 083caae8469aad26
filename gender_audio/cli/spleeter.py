"""`spleeter`: install Deezer's own package of Spleeter, show its status, or remove it."""

from __future__ import annotations

import typer
from rich.console import Console
from rich.markup import escape

from gender_audio.cli.errors import fail
from gender_audio.separation import SeparationError
from gender_audio.separation.spleeter_package.environment import Environment

app = typer.Typer(
    help="Install Deezer's own package of Spleeter, which `--separator spleeter-package` uses, in an environment of "
    "its own. `--separator spleeter` does not need it."
)


@app.command("install")
def install() -> None:
    """Create an environment with Deezer's package, and write the weights as its checkpoint."""
    from gender_audio.weights import WeightsError

    environment = Environment.default()
    if not environment.problem():
        typer.echo(f"Deezer's package is already installed in {environment.folder}")
        return
    console = Console(stderr=True)
    with console.status("") as status:
        show_progress = status.update if console.is_terminal else console.print
        try:
            environment.install(lambda line: show_progress(escape(line)))
        except (SeparationError, WeightsError) as error:
            status.stop()
            fail(error)
    typer.echo(f"Installed Deezer's package in {environment.folder}")


@app.command("status")
def show_status() -> None:
    """Say whether Deezer's package can be used and where it is. The exit status is 2 if it cannot be used."""
    environment = Environment.default()
    if problem := environment.problem():
        fail(problem)
    typer.echo(f"Deezer's package is ready in {environment.folder}, with the checkpoint in {environment.model_path}")


@app.command("remove")
def remove() -> None:
    """Delete the environment and its checkpoint."""
    environment = Environment.default()
    try:
        removed = environment.remove()
    except SeparationError as error:
        fail(error)
    typer.echo(f"Removed {environment.folder}" if removed else "Deezer's package is not installed.")
