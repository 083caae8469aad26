"""Command for the genre system: `genre`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from train import reports, run_records
from train.commands.errors import report_errors
from train.commands.options import CACHE, DATA, Cache, Data, Quick, Seed, typed_command
from train.data.validation import LayoutError
from train.engine.quick import shrink

if TYPE_CHECKING:  # this imports torch, which makes --help slow
    from train.recipes.genre import Recipe, TrainedMethods

app = typer.Typer()


@app.command()
@report_errors()
def genre(
    songs: Annotated[
        Path | None, typer.Option(help="Folder of songs of the genre. Without it, the rock songs of the corpora.")
    ] = None,
    rest: Annotated[Path | None, typer.Option(help="Folder of songs of other genres.")] = None,
    data: Data = DATA,
    cache: Cache = CACHE,
    seed: Seed = 0,
    evaluate_only: Annotated[
        bool, typer.Option("--evaluate", help="Train nothing; evaluate weights/genre again.")
    ] = False,
    quick: Quick = False,
) -> None:
    """Train all methods of the genre system, write weights/genre, and compare the methods in the report."""
    from train.evaluation import genre as evaluation
    from train.reports import genre_figures

    if (songs is None) != (rest is None):
        raise typer.BadParameter("give both --songs and --rest, or neither.")
    earlier = run_records.read("genre") if evaluate_only else None
    if evaluate_only and not earlier:
        raise typer.BadParameter("there is no evaluation to repeat yet; train first.")
    try:
        settings = _read_settings(songs, rest, data, cache, seed, quick)
        trained = _load_methods(settings, earlier) if earlier else _train_methods(settings)
    except LayoutError:
        raise  # it lists lines, which the box around a BadParameter would break
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
    record, probabilities = evaluation.evaluate_genre(trained, settings)
    if earlier:
        record = {**earlier, **record, "evaluation_command": typed_command()}
    else:
        record |= _export(trained, settings, record, quick)
    run_records.write("genre", record)
    errors_file = run_records.FOLDER / "genre-mistakes.csv"
    evaluation.write_errors(errors_file, settings.songs_in("test"), probabilities, trained.chosen)
    genre_figures.write(record)
    reports.write()


def _read_settings(songs: Path | None, rest: Path | None, data: Path, cache: Path, seed: int, quick: bool) -> Recipe:
    from train.data.songs import load_songs
    from train.recipes import genre as recipe

    settings = recipe.Recipe((), cache, seed)
    settings = shrink(settings) if quick else settings
    return replace(settings, songs=load_songs(songs, rest, data, seed, settings.folds))


def _train_methods(settings: Recipe) -> TrainedMethods:
    from train.recipes import genre as recipe

    recipe.cache_features(settings)
    return recipe.train(settings)


def _load_methods(settings: Recipe, earlier: dict[str, Any]) -> TrainedMethods:
    """The methods in weights/genre, if they were trained on the songs and folds of the settings."""
    from gender_audio.systems.genre import GenreClassifier
    from train.evaluation.genre import require_same_songs
    from train.recipes import genre as recipe

    require_same_songs(earlier, settings.songs, settings.seed)
    recipe.cache_features(settings)
    return recipe.select_method(GenreClassifier.load().models, recipe.development_set(settings))


def _export(trained: TrainedMethods, settings: Recipe, record: dict[str, Any], quick: bool) -> dict[str, Any]:
    """Write weights/genre; the entries of the record that only a training has."""
    from train.evaluation import genre as evaluation
    from train.evaluation import system_d
    from train.recipes import genre as recipe

    recipe.export(trained, settings, evaluation.card_metrics(record), typed_command())
    reference = system_d.Reference(settings)
    return {
        "command": typed_command(),
        "seed": settings.seed,
        "curves": evaluation.learning_curves(settings),
        "reference": system_d.evaluate_system_d(shrink(reference) if quick else reference),
    }
