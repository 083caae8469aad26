"""Commands that analyse corpora, errors and networks: `eda`, `errors` and `explain`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from train import reports, run_records
from train.commands.errors import report_errors
from train.commands.options import CACHE, DATA, PROTOCOL, Cache, Data, Protocol, typed_command

app = typer.Typer()


@app.command()
@report_errors()
def eda(
    data: Data = DATA,
    docs: Annotated[Path, typer.Option(help="Folder for eda.md and its figures.")] = run_records.DOCS,
    kind: Annotated[str, typer.Option(help="Kind of clips, as in the manifest.")] = "speech",
) -> None:
    """Write a page about the corpora of the manifest: speakers, durations, examples and outliers."""
    from train.reports.eda import write

    write(data, docs, kind, typed_command())


@app.command()
@report_errors()
def errors(
    data: Data = DATA,
    protocol: Protocol = PROTOCOL,
    out: Annotated[
        Path, typer.Option(help="Folder for the page; it contains recordings, so keep it out of the repository.")
    ] = CACHE / "errors",
) -> None:
    """Write a web page that plays the recordings with the worst predictions."""
    from train.evaluation.error_page import write

    page = write({name: run_records.read(name) or {} for name in ("speech-mel", "test")}, data, protocol, out)
    typer.echo(f"Open {page} in a browser.")


@app.command()
@report_errors()
def explain(
    systems: Annotated[list[str], typer.Argument(help="One or several of singing, speech-mfcc, speech-mel.")],
    data: Data = DATA,
    protocol: Protocol = PROTOCOL,
    cache: Cache = CACHE,
    rows: Annotated[int, typer.Option(min=1, help="Number of test snippets for each system.")] = 100,
) -> None:
    """Average the Grad-CAM maps of the networks over test recordings, and check the maps by occlusion."""
    from train.evaluation import explain as explanation

    if not set(systems) <= {"singing", "speech-mfcc", "speech-mel"}:
        raise typer.BadParameter("choose from singing, speech-mfcc and speech-mel.")
    for name in systems:
        if name == "singing":
            model = explanation.load_singing(data, protocol, rows)
        else:
            model = explanation.load_speech(name, data, cache, rows)
        run_records.write(f"explain-{name}", {"command": typed_command(), **explanation.evaluate_saliency(model)})
    reports.write()
