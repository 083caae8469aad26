"""Commands for the separators: `separator` and `spleeter`."""

from __future__ import annotations

from typing import Annotated

import typer

from train import reports, run_records
from train.commands.errors import report_errors
from train.commands.options import CACHE, DATA, PROTOCOL, Cache, Data, Protocol, Quick, Seed, typed_command
from train.engine.quick import shrink

app = typer.Typer()


@app.command()
@report_errors()
def separator(
    data: Data = DATA,
    protocol: Protocol = PROTOCOL,
    cache: Cache = CACHE,
    seed: Seed = 0,
    evaluate_only: Annotated[bool, typer.Option("--evaluate", help="Train nothing; compare all separators.")] = False,
    quick: Quick = False,
) -> None:
    """Train the embedded separator and write weights/separator, or compare all separators on remix_test.csv."""
    if evaluate_only:
        from train.evaluation import separators

        comparison = separators.Comparison(protocol / "remix_test.csv", data, cache, seed)
        comparison = shrink(comparison) if quick else comparison
        run_records.write("separators", {"command": typed_command(), **separators.compare_separators(comparison)})
        reports.write()
        return
    from train.recipes import separator as recipe

    settings = recipe.Recipe(data, protocol, cache, seed)
    settings = shrink(settings) if quick else settings
    network, metrics = recipe.train(settings)
    recipe.export(network, metrics, settings, typed_command())


@app.command()
@report_errors()
def spleeter() -> None:
    """Download and convert Deezer's published Spleeter, and write weights/spleeter."""
    from train.recipes import spleeter as recipe

    recipe.fetch_and_export(typed_command())
