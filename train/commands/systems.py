"""Commands that train the systems beside the singer's: `speaker`, `voice` and `genre`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Literal

import typer

from train import reports, run_records
from train.commands.errors import explained
from train.commands.options import CACHE, DATA, Cache, Data, Quick, Seed, command
from train.data.validation import LayoutError

app = typer.Typer()


@app.command("speech-mfcc")
@explained()
def speech_mfcc(data: Data = DATA, cache: Cache = CACHE, seed: Seed = 0, quick: Quick = False) -> None:
    """Train the speaker system by file and by speaker, write its weights and its record."""
    from train.recipes import speech_mfcc as recipe
    from train.recipes import speech_mfcc_raw
    from train.recipes.speech_mfcc_learners import OURS

    plan = recipe.Recipe(data, cache, seed)
    speech = plan.speech
    if quick:
        plan, speech = replace(plan, **recipe.QUICK), replace(speech, **speech_mfcc_raw.QUICK)
    plan.check()
    record, published = recipe.measure(plan)
    ears = speech_mfcc_raw.train(speech)
    heard = speech_mfcc_raw.measure(speech, {"sound": ears, "published": published})
    figures = {"cross_validated_balanced_accuracy": record["disjoint"][OURS]["balanced_accuracy"]}
    recipe.ship(published, plan, figures, command())
    speech_mfcc_raw.ship(ears, speech, {"val_balanced_accuracy": heard["val"]["sound"]["balanced_accuracy"]}, command())
    run_records.write("speech-mfcc", {"command": command(), "seed": seed, **record, "speech": heard})
    reports.write()


@app.command("speech-mel")
@explained()
def speech_mel(
    data: Data = DATA,
    cache: Cache = CACHE,
    seed: Seed = 0,
    layout: Annotated[bool, typer.Option(help="Read Train|Validation|Test / Male|Female folders in --data.")] = False,
    leak: Annotated[bool, typer.Option(help="Allow speakers in more than one of these folders.")] = False,
    trunk: Annotated[
        Literal["singing", "scratch"], typer.Option(help="What the transferred network starts from.")
    ] = "singing",
    quick: Quick = False,
) -> None:
    """Train the models of the voice system, write their weights and their record."""
    from train.evaluation import system_c
    from train.recipes import speech_mel as recipe

    plan = recipe.Recipe(data, cache, seed, layout, leak, trunk)
    plan = replace(plan, **recipe.QUICK) if quick else plan
    plan.check()
    system_c.check_speakers(plan)
    listener, record = recipe.measure(plan)
    record["baselines"] = system_c.evaluate_system_c(plan)
    recipe.ship(listener, plan, {"val_balanced_accuracy": record["val"]["together"]["balanced_accuracy"]}, command())
    run_records.write("speech-mel", {"command": command(), "seed": seed, **record})
    reports.write()


@app.command()
@explained()
def tagger() -> None:
    """Fetch the published music tagger that the genre system starts from, and write weights/tagger."""
    from train.recipes import music_tagger as published

    published.make(command())


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
    from gender_audio.systems.genre import GenreClassifier
    from train.data.songs import load_songs
    from train.evaluation import genre as evaluation
    from train.evaluation import system_d
    from train.recipes import genre as recipe
    from train.reports import genre_figures

    if (songs is None) != (rest is None):
        raise typer.BadParameter("give both folders, or neither.")
    before = run_records.read("genre") if again else None
    if again and not before:
        raise typer.BadParameter("nothing has been measured yet that could be measured again; train first.")
    try:
        plan = recipe.Recipe((), cache, seed, **(recipe.QUICK if quick else {}))
        plan = replace(plan, songs=load_songs(songs, rest, data, seed, plan.folds))
        if before:
            evaluation.require_same_songs(before, plan.songs, seed)
        recipe.hear(plan)
        trained = (
            recipe.judge(GenreClassifier.load().models, *recipe.development(plan)) if again else recipe.train(plan)
        )
    except LayoutError:
        raise  # it lists lines, which a box would break
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
    record, probabilities = evaluation.evaluate_genre(trained, plan)
    record |= {"command": command(), "seed": seed}
    if before:
        record = before | record | {"command": f"{before['command'].partition(', then ')[0]}, then {command()}"}
    else:
        recipe.ship(trained, plan, evaluation.card_metrics(record), command())
        record |= {"curves": evaluation.learning_curves(plan), "reference": system_d.evaluate_system_d(plan)}
    run_records.write("genre", record)
    evaluation.write_errors(run_records.FOLDER / "genre-mistakes.csv", plan.of("test"), probabilities, trained.chosen)
    genre_figures.write(record)
    reports.write()
