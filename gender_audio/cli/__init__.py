"""The command line: classify recordings, separate one into stems, or record one.

- `classify`, `tag`, `record`, `separate`, `spleeter`: one module for each command
- `options`, `files`, `errors`: shared options, the files to classify, and messages

Results go to standard output, everything else to standard error. The exit status is 2 if any input is unusable.
Only the entry points (`who-sings` and `gender_audio.__main__`) may import it.
"""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from gender_audio import __version__
from gender_audio.cli import classify, record, separate, spleeter, tag

app = typer.Typer(
    help="Says how the voice in a recording sounds: none, male-like, female-like, or more than one.",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
app.command("classify")(classify.classify_files)
app.command("tag")(tag.tag_collection)
app.command("separate")(separate.separate_file)
app.command("record")(record.record_and_classify)
app.add_typer(spleeter.app, name="spleeter", no_args_is_help=True)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(__version__)
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Options of the program itself."""


def main(name: str = "who-sings") -> None:
    """Run the command line under this program name."""
    for stream in (sys.stdout, sys.stderr):
        # Replace characters that the terminal's encoding lacks instead of failing.
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]
    app(prog_name=name)
