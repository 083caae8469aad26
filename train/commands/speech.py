"""Commands for the speech systems: `speech-mfcc` and `speech-mel`."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from train import reports, run_records
from train.commands.errors import report_errors
from train.commands.options import CACHE, DATA, Cache, Data, Quick, Seed, typed_command
from train.engine.quick import shrink

app = typer.Typer()


@app.command("speech-mfcc")
@report_errors()
def speech_mfcc(data: Data = DATA, cache: Cache = CACHE, seed: Seed = 0, quick: Quick = False) -> None:
    """Train networks on system B's digits and on raw speech, and write their weights and their record."""
    from train.data.readers.audiomnist import Digits
    from train.evaluation import speech
    from train.recipes import speech_mfcc as recipe
    from train.recipes import speech_mfcc_raw
    from train.recipes.speech_mfcc_configs import OURS

    settings = recipe.Recipe(data, cache, seed)
    raw_settings = settings.raw
    if quick:
        settings, raw_settings = shrink(settings), shrink(raw_settings)
    settings.check()
    digits = Digits.read(data)
    finder = recipe.find_rate(settings, digits)
    by_file = recipe.train_by_file(settings, digits)
    by_speaker = recipe.train_by_speaker(settings, digits)
    published = recipe.train(settings, digits, by_speaker[OURS])
    raw = speech_mfcc_raw.train(raw_settings)
    record = {
        "finder": {"rates": finder.rates, "losses": finder.losses, "suggestion": finder.suggestion},
        "leaking": speech.by_file(settings, digits, by_file),
        "disjoint": speech.by_speaker(settings, digits, by_speaker),
        "speech": speech.shared_speech(raw_settings, {"sound": raw, "published": published}),
    }
    accuracy = record["disjoint"][OURS]["balanced_accuracy"]
    recipe.export(published, settings, {"cross_validated_balanced_accuracy": accuracy}, typed_command())
    accuracy = record["speech"]["val"]["sound"]["balanced_accuracy"]
    speech_mfcc_raw.export(raw, raw_settings, {"val_balanced_accuracy": accuracy}, typed_command())
    run_records.write("speech-mfcc", {"command": typed_command(), "seed": seed, **record})
    reports.write()


@app.command("speech-mel")
@report_errors()
def speech_mel(
    data: Data = DATA,
    cache: Cache = CACHE,
    seed: Seed = 0,
    layout: Annotated[
        bool, typer.Option("--layout", help="Read Train|Validation|Test / Male|Female folders in --data.")
    ] = False,
    leak: Annotated[
        bool, typer.Option("--leak", help="Allow the same speakers in Train, Validation and Test.")
    ] = False,
    trunk: Annotated[
        Literal["singing", "scratch"], typer.Option(help="Weights that the transferred network starts from.")
    ] = "singing",
    quick: Quick = False,
) -> None:
    """Train four models like those of system C, and write their weights and their record."""
    from train.evaluation import speech, system_c
    from train.recipes import speech_mel as recipe

    settings = recipe.Recipe(data, cache, seed, layout, leak, trunk)
    settings = shrink(settings) if quick else settings
    settings.check()
    system_c.check_speakers(settings)
    classifier = recipe.train(settings)
    record = {**speech.mel_models(settings, classifier), "baselines": system_c.evaluate_system_c(settings)}
    accuracy = record["val"]["together"]["balanced_accuracy"]
    recipe.export(classifier, settings, {"val_balanced_accuracy": accuracy}, typed_command())
    run_records.write("speech-mel", {"command": typed_command(), "seed": seed, **record})
    reports.write()
