"""Command line of the training pipeline: `python -m train --help` names what it can do."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Literal

import typer

from gender_audio import weights
from gender_audio.systems import STUDENT
from train import clips, competition, everything, insight, records, reports
from train.console import explained
from train.data.checks import LayoutError
from train.options import (
    CACHE,
    DATA,
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
app.add_typer(insight.app)
app.add_typer(everything.app)


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
        from train import compare as sides
        from train import familiar

        found = sides.compare(protocol / "remix_test.csv", data, sides.QUICK_S if quick else sides.SONG_S)
        voices = familiar.measure(load("unet"), data, cache, familiar.QUICK if quick else familiar.REMIXES, seed)
        records.write("separators", {"command": command(), "test": found, "voices": voices})
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
    from gender_audio.separation import fingerprint
    from train.recipes import ablation as recipe

    plan = recipe.Recipe(data, protocol, cache, remixes, samples, seed)
    plan = replace(plan, **recipe.QUICK) if quick else plan
    told = {"command": command(), "seed": seed, "remixes": plan.remixes, "samples": plan.samples}
    records.write("ablation", {**told, "separator": fingerprint("unet"), "test": recipe.measure(plan)})
    reports.write()


@app.command()
@explained()
def singer(
    data: Data = DATA,
    cache: Cache = CACHE,
    seed: Seed = 0,
    inputs: Annotated[
        Literal["mixture", "vocals", "both"], typer.Option(help="What the members listen to.")
    ] = "vocals",
    separator: SeparatorName = "unet",
    members: Annotated[int, typer.Option(min=1, help="Networks in the ensemble.")] = 20,
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
    from gender_audio.ensemble import Ensemble
    from train import history
    from train.recipes import singer as recipe
    from train.recipes import student

    if further + recalibrate + refit > 1:
        raise typer.BadParameter("--further, --recalibrate and --refit are steps of their own; give one of them.")
    going_on = recipe.further if further else recipe.refit if refit else None
    behind = "none" if inputs == "mixture" else separator
    plan = recipe.Recipe(data, cache, inputs, behind, seed=seed, everyone=everyone)
    earlier = history.before(plan) if going_on or recalibrate else ""
    if going_on:
        plan = going_on(plan)
        members = len(weights.card("singer").files)
    if quick:
        plan, members = replace(plan, **recipe.QUICK), min(members, recipe.QUICK_MEMBERS)
    ensemble = Ensemble.load() if recalibrate else recipe.train(plan, members)
    learnt = weights.card("singer").data if recalibrate else recipe.heard(plan)
    recipe.ship(ensemble, plan, learnt, f"{earlier}, then {command()}" if earlier else command())
    if recalibrate:
        student.recalibrate(plan, command())
        return
    told = {"command": command(), **recipe.story(plan, ensemble)}
    record = records.read("singer") or {}
    since = {"refit": told} if refit else {"further": [*record.get("further", ()), told]}
    records.write("singer", {**record, **since} if earlier else told)


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
    from train import history
    from train.recipes import singer
    from train.recipes import student as recipe

    plan = singer.Recipe(data, cache, seed=seed, everyone=everyone)
    history.before(plan)
    plan = recipe.taught(plan)
    plan = replace(plan, **singer.QUICK) if quick else plan
    recipe.ship(recipe.train(plan), plan, command())


@app.command()
@explained()
def speaker(data: Data = DATA, cache: Cache = CACHE, seed: Seed = 0, quick: Quick = False) -> None:
    """Train the speaker system by file and by speaker, write its weights and its record."""
    from train.data import manifest
    from train.data.audiomnist import Digits
    from train.recipes import sound
    from train.recipes import speaker as recipe

    Digits.read(data)
    manifest.rows(data)  # it is learnt from last
    plan = recipe.Recipe(data, cache, seed)
    speech = plan.speech
    if quick:
        plan, speech = replace(plan, **recipe.QUICK), replace(speech, **sound.QUICK)
    record, published = recipe.measure(plan)
    ears = sound.train(speech)
    heard = sound.measure(speech, {"sound": ears, "published": published})
    figures = {"cross_validated_balanced_accuracy": record["disjoint"][recipe.OURS]["balanced_accuracy"]}
    recipe.ship(published, plan, figures, command())
    sound.ship(ears, speech, {"val_balanced_accuracy": heard["val"]["sound"]["balanced_accuracy"]}, command())
    records.write("speaker", {"command": command(), "seed": seed, **record, "speech": heard})
    reports.write()


@app.command()
@explained()
def voice(
    data: Data = DATA,
    cache: Cache = CACHE,
    seed: Seed = 0,
    layout: Annotated[bool, typer.Option(help="Read Train|Validation|Test / Male|Female folders in --data.")] = False,
    leak: Annotated[bool, typer.Option(help="Allow speakers in more than one of these folders.")] = False,
    trunk: Annotated[
        Literal["singer", "scratch"], typer.Option(help="What the transferred network starts from.")
    ] = "singer",
    quick: Quick = False,
) -> None:
    """Train the models of the voice system, write their weights and their record."""
    from train.recipes import baselines
    from train.recipes import voice as recipe

    plan = recipe.Recipe(data, cache, seed, layout, leak, trunk)
    plan = replace(plan, **recipe.QUICK) if quick else plan
    plan.check()
    listener, record = recipe.measure(plan)
    record["baselines"] = baselines.measure(plan)
    recipe.ship(listener, plan, {"val_balanced_accuracy": record["val"]["together"]["balanced_accuracy"]}, command())
    records.write("voice", {"command": command(), "seed": seed, **record})
    reports.write()


@app.command()
def tagger() -> None:
    """Fetch the published music tagger that the genre system starts from, and write weights/tagger."""
    from train import tagger as published

    try:
        published.make(command())
    except published.TaggerError as error:
        typer.echo(error, err=True)
        raise typer.Exit(2) from error


@app.command()
@explained()
def genre(
    songs: Annotated[
        Path | None, typer.Option(help="Folder of songs of the genre; the shared rock if not given.")
    ] = None,
    rest: Annotated[Path | None, typer.Option(help="Folder of songs of any other kind.")] = None,
    data: Data = DATA,
    cache: Cache = CACHE,
    seed: Seed = 0,
    again: Annotated[bool, typer.Option("--evaluate", help="Measure the shipped methods again; none learns.")] = False,
    quick: Quick = False,
) -> None:
    """Train every method that tells one genre from the rest, write weights/genre, and compare them in the report."""
    from gender_audio.genre import Genre
    from train import contest, lineup
    from train.recipes import genre as recipe
    from train.recipes import genre_reference as reference
    from train.reports import genre_figures

    if (songs is None) != (rest is None):
        raise typer.BadParameter("give both folders, or neither.")
    before = records.read("genre") if again else None
    if again and not before:
        raise typer.BadParameter("nothing has been measured yet that could be measured again; train first.")
    try:
        plan = recipe.Recipe((), cache, seed, **(recipe.QUICK if quick else {}))
        plan = replace(plan, songs=lineup.read(songs, rest, data, seed, plan.folds))
        if before:
            contest.refuse_others(before, plan.songs, seed)
        recipe.hear(plan)
        trained = recipe.judge(Genre.load().methods, *recipe.development(plan)) if again else recipe.train(plan)
    except LayoutError:
        raise  # it lists lines, which a box would break
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
    record, answers = contest.measure(trained, plan)
    record |= {"command": command(), "seed": seed}
    if before:
        record = before | record | {"command": f"{before['command'].partition(', then ')[0]}, then {command()}"}
    else:
        recipe.ship(trained, plan, contest.summary(record), command())
        record |= {"curves": contest.curves(plan), "reference": reference.measure(plan)}
    records.write("genre", record)
    contest.mistakes(records.FOLDER / "genre-mistakes.csv", plan.of("test"), answers, trained.chosen)
    genre_figures.write(record)
    reports.write()


@app.command()
@explained()
def evaluate(data: Data = DATA, protocol: Protocol = PROTOCOL) -> None:
    """Measure the shipped weights on remix_test.csv and write docs/results.md."""
    from gender_audio.pipeline import Pipeline
    from train import evaluate as measure
    from train.data.pieces import shared
    from train.data.remix import protocol as rows

    remixes, known = rows(protocol / "remix_test.csv", data), shared(data)
    pipelines = {"classification": Pipeline.load()}
    if (weights.FOLDER / STUDENT).exists():
        pipelines["student"] = Pipeline.load(members=STUDENT)
    heard, gains = measure.hear(pipelines, remixes)
    figures = {name: measure.classification(what, remixes) for name, what in heard.items()}
    figures["separation"] = measure.separation(gains, remixes)
    figures["accompaniments"] = measure.accompaniments(heard["classification"], gains, remixes, known)
    records.write("test", {"command": command(), **figures})
    reports.write()


if __name__ == "__main__":
    app()
