"""Command line of the training pipeline: `python -m train --help` names what it can do."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Literal

import typer

from gender_audio import weights
from gender_audio.systems.labels import STUDENT
from train import reports, run_records
from train.commands import analysis, clips, competition, run_all, systems
from train.commands.errors import explained
from train.commands.options import (
    CACHE,
    DATA,
    MEMBERS,
    PROTOCOL,
    Cache,
    Data,
    Everyone,
    FindRate,
    Protocol,
    Quick,
    Recalibrate,
    Seed,
    SeparatorName,
    command,
)

app = typer.Typer(add_completion=False, no_args_is_help=True)

app.add_typer(competition.app, name="competition")
app.add_typer(clips.app)
app.add_typer(systems.app)
app.add_typer(analysis.app)
app.add_typer(run_all.app)


@app.callback(help=__doc__)
def settings(find_rate: FindRate = False) -> None: ...


@app.command()
@explained()
def separator(
    data: Data = DATA,
    protocol: Protocol = PROTOCOL,
    cache: Cache = CACHE,
    seed: Seed = 0,
    further: Annotated[bool, typer.Option("--further", help="Go on from the shipped weights.")] = False,
    compare: Annotated[bool, typer.Option("--evaluate", help="Compare what is there on remix_test.csv.")] = False,
    quick: Quick = False,
) -> None:
    """Train the embedded separator and write weights/separator, or see how it stands beside others."""
    if compare and further:
        raise typer.BadParameter("--evaluate measures what is there; leave out --further.")
    if compare:
        from gender_audio.separation import load
        from train.evaluation import seen_vs_unseen, separators

        song_s = separators.QUICK_SONG_S if quick else separators.SONG_S
        metrics = separators.evaluate_separators(protocol / "remix_test.csv", data, song_s)
        remixes = seen_vs_unseen.QUICK_REMIXES if quick else seen_vs_unseen.REMIXES
        voices = seen_vs_unseen.evaluate_seen_vs_unseen(load("unet"), data, cache, remixes, seed)
        run_records.write("separators", {"command": command(), "test": metrics, "voices": voices})
        reports.write()
    else:
        from train.recipes import separator as recipe

        earlier = f"{weights.card('separator').command}, then " if further else ""
        plan = recipe.Recipe(data, protocol, cache, seed)
        plan = recipe.further(plan) if further else plan
        plan = replace(plan, **recipe.QUICK) if quick else plan
        recipe.ship(*recipe.train(plan), plan, earlier + command())


@app.command()
@explained()
def ablation(
    data: Data = DATA,
    protocol: Protocol = PROTOCOL,
    cache: Cache = CACHE,
    seed: Seed = 0,
    remixes: Annotated[int, typer.Option(min=1, help="Remixes that each network learns from.")] = 10_000,
    samples: Annotated[int, typer.Option(min=1, help="Samples that each network sees.")] = 30_000,
    quick: Quick = False,
) -> None:
    """Train one network for everything that could be left out or changed, and measure it on remix_test.csv."""
    from gender_audio.separation import separator_fingerprint
    from train.evaluation import ablation as study

    config = study.AblationConfig(data, protocol, cache, remixes, samples, seed)
    config = replace(config, **study.QUICK) if quick else config
    run_records.write(
        "ablation",
        {
            "command": command(),
            "seed": seed,
            "remixes": config.remixes,
            "samples": config.samples,
            "separator": separator_fingerprint("unet"),
            "reference": study.REFERENCE,
            "test": study.evaluate_variants(config),
        },
    )
    reports.write()


@app.command("singing")
@explained()
def train_singing(
    data: Data = DATA,
    cache: Cache = CACHE,
    seed: Seed = 0,
    inputs: Annotated[
        Literal["mixture", "vocals", "both"], typer.Option(help="What the members listen to.")
    ] = "vocals",
    separator: SeparatorName = "unet",
    members: Annotated[
        int | None, typer.Option(min=1, show_default=str(MEMBERS), help="Networks in an ensemble that begins.")
    ] = None,
    everyone: Everyone = False,
    recalibrate: Recalibrate = False,
    further: Annotated[
        bool, typer.Option("--further", help="Let the shipped members go on; needs some that were not refitted.")
    ] = False,
    refit: Annotated[
        bool, typer.Option("--refit", help="Let each at last hear the voices that it left out; nothing can follow.")
    ] = False,
    quick: Quick = False,
) -> None:
    """Train the ensemble and write weights/singer."""
    from gender_audio.systems.ensemble import Ensemble
    from train.recipes import history, student
    from train.recipes import singing as recipe

    if further + recalibrate + refit > 1:
        raise typer.BadParameter("--further, --recalibrate and --refit are steps of their own; give one of them.")
    if members and (further or recalibrate or refit):
        raise typer.BadParameter("--further, --recalibrate and --refit take all shipped members; leave out --members.")
    going_on = recipe.further if further else recipe.refit if refit else None
    behind = "none" if inputs == "mixture" else separator
    plan = recipe.Recipe(data, cache, inputs, behind, seed=seed, include_val=everyone)
    earlier = history.before(plan) if going_on or recalibrate else ""
    plan = going_on(plan) if going_on else plan
    count = len(weights.card("singing").files) if going_on else members or MEMBERS
    if quick:
        plan, count = replace(plan, **recipe.QUICK), min(count, recipe.QUICK_MEMBERS)
    ensemble = Ensemble.load() if recalibrate else recipe.train(plan, count)
    learnt = weights.card("singing").data if recalibrate else recipe.heard(plan)
    recipe.ship(ensemble, plan, learnt, f"{earlier}, then {command()}" if earlier else command())
    if recalibrate:
        student.recalibrate(plan, command())
        return
    kind = "continue" if further else "refit" if refit else "train"
    stage = {"kind": kind, "command": command(), **recipe.story(plan, ensemble)}
    stages = (run_records.read("singing") or {}).get("stages", []) if earlier else []
    run_records.write("singing", {"stages": [*stages, stage]})


@app.command()
@explained()
def student(
    data: Data = DATA,
    cache: Cache = CACHE,
    seed: Seed = 0,
    everyone: Everyone = False,
    quick: Quick = False,
) -> None:
    """Distil the shipped ensemble into one network and write weights/student; needs members that were not refitted."""
    from train.recipes import history
    from train.recipes import singing as singer
    from train.recipes import student as recipe

    plan = singer.Recipe(data, cache, seed=seed, include_val=everyone)
    history.before(plan)
    plan = recipe.taught(plan)
    plan = replace(plan, **singer.QUICK) if quick else plan
    recipe.ship(recipe.train(plan), plan, command())


@app.command()
@explained()
def evaluate(data: Data = DATA, protocol: Protocol = PROTOCOL) -> None:
    """Measure the shipped weights on remix_test.csv and write docs/results.md."""
    from gender_audio.systems.singing import SingingClassifier
    from train.data.known_accompaniments import find_known_accompaniments
    from train.data.remix import load_protocol as rows
    from train.evaluation import singing as evaluation

    remixes, known = rows(protocol / "remix_test.csv", data), find_known_accompaniments(data)
    pipelines = {"classification": SingingClassifier.load()}
    if (weights.FOLDER / STUDENT).exists():
        pipelines["student"] = SingingClassifier.load(members=STUDENT)
    predictions, gains = evaluation.predict_remixes(pipelines, remixes)
    record: dict[str, object] = {"command": command()}
    for name, predicted in predictions.items():
        record[name] = evaluation.classification_metrics(predicted, remixes)
    record["separation"] = evaluation.mean_separation_gains(gains, remixes)
    record["accompaniments"] = evaluation.accompaniment_metrics(predictions["classification"], gains, remixes, known)
    run_records.write("test", record)
    reports.write()


if __name__ == "__main__":
    app()
