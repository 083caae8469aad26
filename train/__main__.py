"""Command line of the training pipeline: `python -m train separator | inputs | singer | evaluate`."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from train import records

app = typer.Typer(add_completion=False, no_args_is_help=True, help=__doc__)

Data = Annotated[Path, typer.Option(help="Folder of the corpora, with manifest.csv.", exists=True)]
Protocol = Annotated[Path, typer.Option(help="Folder of remix_test.csv and remix_val.csv.", exists=True)]
Cache = Annotated[Path, typer.Option(help="Folder for decoded audio, features and checkpoints.")]
Seed = Annotated[int, typer.Option(help="Everything random follows from it.")]

DATA = Path("../shared/data")
PROTOCOL = Path("../shared/protocol")
CACHE = Path.home() / ".cache" / "gender-audio"


def command() -> str:
    """What was typed, for cards and records."""
    return " ".join(["python -m train", *sys.argv[1:]])


@app.command()
def separator(data: Data = DATA, protocol: Protocol = PROTOCOL, cache: Cache = CACHE, seed: Seed = 0) -> None:
    """Train the embedded separator and write weights/separator."""
    from train.recipes import separator as recipe

    network, metrics = recipe.train(data, protocol, cache, seed)
    recipe.ship(network, metrics, data, command())


@app.command()
def inputs(
    data: Data = DATA,
    protocol: Protocol = PROTOCOL,
    cache: Cache = CACHE,
    seed: Seed = 0,
    remixes: Annotated[int, typer.Option(help="Remixes that each network learns from.")] = 30_000,
    samples: Annotated[int, typer.Option(help="Samples that each network sees.")] = 60_000,
) -> None:
    """Compare what a member may listen to (mixture, vocals, both) on remix_val.csv, one network each."""
    from train.recipes import singer as recipe

    schedule = replace(recipe.SCHEDULE, samples=samples)
    base = recipe.Recipe(data, protocol, cache, separator="unet", remixes=remixes, seed=seed, schedule=schedule)
    record = {"command": command(), "seed": seed, "remixes": remixes, "samples": samples}
    records.write("inputs", {**record, "val": recipe.compare(base)})


@app.command()
def singer(
    data: Data = DATA,
    protocol: Protocol = PROTOCOL,
    cache: Cache = CACHE,
    seed: Seed = 0,
    inputs: Annotated[str, typer.Option(help="What the members listen to: mixture, vocals or both.")] = "vocals",
    members: Annotated[int, typer.Option(help="Networks in the ensemble.")] = 20,
) -> None:
    """Train the ensemble and write weights/singer."""
    from train.recipes import singer as recipe

    separator = "none" if inputs == "mixture" else "unet"
    plan = recipe.Recipe(data, protocol, cache, inputs=inputs, separator=separator, seed=seed)
    recipe.ship(recipe.train(plan, members), plan, command())


@app.command()
def evaluate(data: Data = DATA, protocol: Protocol = PROTOCOL) -> None:
    """Measure the shipped weights on remix_test.csv and write docs/results.md."""
    from gender_audio.pipeline import Pipeline
    from train import evaluate as measure
    from train import report
    from train.data.remix import protocol as rows

    remixes = rows(protocol / "remix_test.csv", data)
    heard = measure.hear(Pipeline.load(), remixes)
    records.write(
        "test",
        {
            "command": command(),
            "classification": measure.classification(heard, remixes),
            "separation": measure.separation(heard, remixes),
        },
    )
    report.write()


if __name__ == "__main__":
    app()
