"""Commands that look into corpora, mistakes and networks; nothing learns from them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from train import records, reports
from train.console import explained
from train.options import CACHE, DATA, PROTOCOL, Cache, Data, Protocol, command

app = typer.Typer()


@app.command()
@explained()
def eda(
    data: Data = DATA,
    docs: Annotated[Path, typer.Option(help="Folder for eda.md and its pictures.")] = records.DOCS,
    kind: Annotated[str, typer.Option(help="Which kind of clips of the manifest.")] = "speech",
) -> None:
    """Describe a corpus from its manifest as a page with pictures: who speaks, how long, what stands out."""
    from train import eda as describe

    describe.write(data, docs, kind, command())


@app.command()
@explained()
def errors(
    data: Data = DATA,
    protocol: Protocol = PROTOCOL,
    out: Annotated[Path, typer.Option(help="Folder for the page; not in a repository.")] = CACHE / "errors",
) -> None:
    """Write a page with players for the test recordings that went worst, as the records name them."""
    from train.players import write

    page = write({name: records.read(name) or {} for name in ("voice", "test")}, data, protocol, out)
    typer.echo(f"Open {page} in a browser.")


@app.command()
@explained()
def explain(
    systems: Annotated[list[str], typer.Argument(help="singer, speaker, voice, or several of them.")],
    data: Data = DATA,
    protocol: Protocol = PROTOCOL,
    cache: Cache = CACHE,
    rows: Annotated[int, typer.Option(min=1, help="Test snippets of each system.")] = 100,
) -> None:
    """Average the evidence of the shipped networks over test recordings, and see whether it matters."""
    from train import explain as look

    if not set(systems) <= {"singer", "speaker", "voice"}:
        raise typer.BadParameter("choose from singer, speaker and voice.")
    for name in systems:
        subject = look.singer(data, protocol, rows) if name == "singer" else look.speech(name, data, cache, rows)
        records.write(f"explain-{name}", {"command": command(), **look.measure(subject)})
    reports.write()
