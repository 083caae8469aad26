"""Train, evaluate and report on the systems. `python -m train COMMAND --help` explains a command."""

from __future__ import annotations

import typer

from train.commands import analysis, clips, competition, genre, published, run_all, separator, singing, speech
from train.commands.options import FindRate

app = typer.Typer(add_completion=False, no_args_is_help=True)

app.add_typer(competition.app, name="competition")
for commands in (clips, separator, singing, speech, genre, published, analysis, run_all):
    app.add_typer(commands.app)


@app.callback(help=__doc__)
def settings(find_rate: FindRate = False) -> None: ...


if __name__ == "__main__":
    app()
