"""Commands for the genre system: `genre` and `tagger`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from train import reports, run_records
from train.commands.errors import report_errors
from train.commands.options import CACHE, DATA, Cache, Data, Quick, Seed, typed_command
from train.data.validation import LayoutError
from train.engine.quick import quick as shrink

app = typer.Typer()


@app.command()
@report_errors()
def tagger() -> None:
    """Download and convert the published music tagger that the genre system uses, and write weights/tagger."""
    from train.recipes import music_tagger

    music_tagger.fetch_and_export(typed_command())


@app.command()
@report_errors()
def genre(
    songs: Annotated[
        Path | None, typer.Option(help="Folder of songs of the genre; the shared rock if not given.")
    ] = None,
    rest: Annotated[Path | None, typer.Option(help="Folder of songs of any other kind.")] = None,
    data: Data = DATA,
    cache: Cache = CACHE,
    seed: Seed = 0,
    evaluate_only: Annotated[
        bool, typer.Option("--evaluate", help="Train nothing; evaluate the methods in weights/genre again.")
    ] = False,
    quick: Quick = False,
) -> None:
    """Train all methods that tell one genre from others, write weights/genre, and compare them in the report."""
    from gender_audio.systems.genre import GenreClassifier
    from train.data.songs import load_songs
    from train.evaluation import genre as evaluation
    from train.evaluation import system_d
    from train.recipes import genre as recipe
    from train.reports import genre_figures

    if (songs is None) != (rest is None):
        raise typer.BadParameter("give both folders, or neither.")
    earlier = run_records.read("genre") if evaluate_only else None
    if evaluate_only and not earlier:
        raise typer.BadParameter("there is no evaluation to repeat yet; train first.")
    settings = recipe.Recipe((), cache, seed)
    settings = shrink(settings) if quick else settings
    try:
        settings = replace(settings, songs=load_songs(songs, rest, data, seed, settings.folds))
        if earlier:
            evaluation.require_same_songs(earlier, settings.songs, seed)
        recipe.cache_features(settings)
        if evaluate_only:
            trained = recipe.select_method(GenreClassifier.load().models, recipe.development_set(settings))
        else:
            trained = recipe.train(settings)
    except LayoutError:
        raise  # it lists lines, which the box around a BadParameter would break
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
    record: dict[str, Any]
    record, probabilities = evaluation.evaluate_genre(trained, settings)
    if earlier:
        record = {**earlier, **record, "evaluation_command": typed_command()}
    else:
        recipe.export(trained, settings, evaluation.card_metrics(record), typed_command())
        reference = system_d.Reference(settings)
        record |= {
            "command": typed_command(),
            "seed": seed,
            "curves": evaluation.learning_curves(settings),
            "reference": system_d.evaluate_system_d(shrink(reference) if quick else reference),
        }
    run_records.write("genre", record)
    evaluation.write_errors(
        run_records.FOLDER / "genre-mistakes.csv", settings.of("test"), probabilities, trained.chosen
    )
    genre_figures.write(record)
    reports.write()
