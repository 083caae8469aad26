"""Command for the embedded separator: `separator`."""

from __future__ import annotations

from typing import Annotated

import typer

from train import reports, run_records
from train.commands.errors import report_errors
from train.commands.options import CACHE, DATA, PROTOCOL, Cache, Data, Protocol, Quick, Seed, typed_command
from train.engine.quick import quick as shrink

app = typer.Typer()


@app.command()
@report_errors()
def separator(
    data: Data = DATA,
    protocol: Protocol = PROTOCOL,
    cache: Cache = CACHE,
    seed: Seed = 0,
    compare: Annotated[bool, typer.Option("--evaluate", help="Train nothing; compare the separators.")] = False,
    quick: Quick = False,
) -> None:
    """Train the embedded separator and write weights/separator, or compare all separators on remix_test.csv."""
    if compare:
        from train.evaluation import separators

        settings = separators.Comparison(protocol / "remix_test.csv", data, cache, seed)
        settings = shrink(settings) if quick else settings
        run_records.write("separators", {"command": typed_command(), **separators.compare_separators(settings)})
        reports.write()
        return
    from train.recipes import separator as recipe

    plan = recipe.Recipe(data, protocol, cache, seed)
    plan = shrink(plan) if quick else plan
    network, metrics = recipe.train(plan)
    recipe.export(network, metrics, plan, typed_command())
