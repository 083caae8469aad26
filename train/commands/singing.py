"""Commands for the singing system: `singing`, `combination`, `timeline`, `evaluate` and `ablation`."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from train import reports, run_records
from train.commands.errors import report_errors
from train.commands.options import (
    CACHE,
    DATA,
    MEMBERS,
    PROTOCOL,
    Cache,
    Data,
    IncludeVal,
    Protocol,
    Quick,
    Seed,
    SeparatorName,
    typed_command,
)
from train.engine.quick import shrink

app = typer.Typer()


@app.command()
@report_errors()
def singing(
    data: Data = DATA,
    cache: Cache = CACHE,
    seed: Seed = 0,
    inputs: Annotated[
        Literal["mixture", "vocals", "both"], typer.Option(help="Signals that the members take as input.")
    ] = "vocals",
    separator: SeparatorName = "unet",
    members: Annotated[int, typer.Option(min=1, help="Networks in the ensemble.")] = MEMBERS,
    include_val: IncludeVal = False,
    quick: Quick = False,
) -> None:
    """Train the singing ensemble and write weights/singing."""
    from train.recipes import singing as recipe

    settings = recipe.Recipe(
        data,
        cache,
        inputs=inputs,
        separator="none" if inputs == "mixture" else separator,
        seed=seed,
        include_val=include_val,
        members=members,
    )
    settings = shrink(settings) if quick else settings
    ensemble = recipe.train(settings)
    recipe.export(ensemble, settings, typed_command())
    stage = {"kind": "train", "command": typed_command(), **recipe.training_record(settings, ensemble)}
    run_records.write("singing", {"stages": [stage]})


@app.command()
@report_errors()
def combination(
    data: Data = DATA, protocol: Protocol = PROTOCOL, cache: Cache = CACHE, seed: Seed = 0, quick: Quick = False
) -> None:
    """Combine the ensemble in weights/singing with published networks, and write weights/combination."""
    from train.recipes import combination as recipe

    settings = recipe.Recipe(data, protocol, cache, seed)
    settings = shrink(settings) if quick else settings
    recipe.export(*recipe.fit(settings), settings, typed_command())


@app.command()
@report_errors()
def timeline(data: Data = DATA, cache: Cache = CACHE, seed: Seed = 0, quick: Quick = False) -> None:
    """Fit the timeline to assembled songs, write weights/timeline, and evaluate whole songs of the test split."""
    from train.data.heard_songs import hear_songs
    from train.evaluation.songs import evaluate_songs
    from train.recipes import song_aggregation
    from train.recipes import timeline as recipe

    settings = recipe.Recipe(data, cache, seed)
    settings = shrink(settings) if quick else settings
    decoder, metrics = recipe.fit(settings)
    aggregators = song_aggregation.train(settings)
    calibration, accuracy = song_aggregation.fit_song_calibration(aggregators)
    served = aggregators.networks[song_aggregation.SERVED]
    recipe.export(decoder, served, calibration, metrics | accuracy, settings, typed_command())
    songs = hear_songs(settings.test_set)
    record = {"command": typed_command(), "rule": song_aggregation.SERVED}
    results = evaluate_songs(decoder, calibration, aggregators(songs), song_aggregation.SERVED, songs)
    run_records.write("songs", record | results)
    reports.write()


@app.command()
@report_errors()
def evaluate(data: Data = DATA, protocol: Protocol = PROTOCOL) -> None:
    """Evaluate the singing system on real_test.csv and remix_test.csv, and write docs/results.md."""
    from gender_audio.systems.singing import SingingClassifier
    from train.data.readers import manifest, real_protocol
    from train.data.readers import protocol as remix_protocol
    from train.evaluation.real import evaluate_real
    from train.evaluation.singing import evaluate_remixes

    # Problems of the tables are reported before anything is loaded.
    remix_protocol.read_rows(protocol / "remix_test.csv", data)
    manifest.read_rows(data)
    real_protocol.read_rows(protocol / "real_test.csv", data)
    classifier, command = SingingClassifier.load(), {"command": typed_command()}
    run_records.write("real", command | evaluate_real(classifier, protocol / "real_test.csv", data))
    run_records.write("test", command | evaluate_remixes(classifier, protocol / "remix_test.csv", data))
    reports.write()


@app.command()
@report_errors()
def ablation(
    data: Data = DATA,
    protocol: Protocol = PROTOCOL,
    cache: Cache = CACHE,
    seed: Seed = 0,
    remixes: Annotated[int, typer.Option(min=1, help="Training remixes of each network.")] = 10_000,
    samples: Annotated[int, typer.Option(min=1, help="Samples that each network is trained on.")] = 30_000,
    quick: Quick = False,
) -> None:
    """Train small networks with one component changed or removed, and evaluate them on remix_test.csv."""
    from gender_audio.separation import separator_fingerprint
    from train.evaluation import ablation as study

    config = study.AblationConfig(data, protocol, cache, remixes, samples, seed)
    config = shrink(config) if quick else config
    record = {
        "command": typed_command(),
        "seed": seed,
        "remixes": config.remixes,
        "samples": config.samples,
        "separator": separator_fingerprint("unet"),
        "reference": study.REFERENCE,
        "test": study.evaluate_variants(config),
    }
    run_records.write("ablation", record)
    reports.write()
