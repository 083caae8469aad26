"""Commands for your own labelled clips: `prepare SOURCE`, then `songs SOURCE --out DIR` or `measure SOURCE`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gender_audio.systems.labels import SINGING
from train.commands.errors import report_errors
from train.commands.options import CACHE, MEMBERS, Cache, Seed, SeparatorName, typed_command
from train.data.splits import SPLIT_METHODS
from train.data.validation import require_writable

if TYPE_CHECKING:  # these import torch, which makes --help slow
    from train.data.clip_cache import ClipFeatureCache
    from train.data.labelled_clips import LabelledClip
    from train.recipes.clips import ClipMetrics

app = typer.Typer()

Source = Annotated[Path, typer.Argument(help="Labelled clips: a folder or a CSV.")]


def _known_methods(methods: list[str] | None) -> list[str] | None:
    if not set(methods or ()) <= set(SPLIT_METHODS):
        raise typer.BadParameter(f"choose from {', '.join(SPLIT_METHODS)}.")
    return methods


@app.command()
@report_errors()
def prepare(source: Source, cache: Cache = CACHE, separator: SeparatorName = "unet") -> None:
    """Check labelled clips, separate their vocals and cache the features of every snippet, on all cores."""
    from train.data.clip_cache import build_cache

    build_cache(*open_source(source, cache, separator))


@app.command()
def songs(
    source: Source,
    out: Annotated[
        Path, typer.Option(help="Folder in which the folder singing is created. That one must not exist yet.")
    ],
    cache: Cache = CACHE,
    seed: Seed = 0,
    separator: SeparatorName = "unet",
    members: Annotated[int, typer.Option(min=1, help="Networks in the ensemble.")] = MEMBERS,
    samples: Annotated[int, typer.Option(min=1, help="Samples that each member is trained on.")] = 60_000,
    patience: Annotated[
        int,
        typer.Option(min=0, help="Stop a member after this many validations without a better score; 0 never stops."),
    ] = 0,
    split: Annotated[
        list[str] | None,
        typer.Option(
            help=f"One of {', '.join(SPLIT_METHODS)}; give several to compare them. "
            "The members of the first one are written.",
            callback=_known_methods,
        ),
    ] = None,
    leak: Annotated[bool, typer.Option("--leak", help="Allow singers in more than one of the given splits.")] = False,
) -> None:
    """Train an ensemble on your own labelled clips, evaluate it on held-out singers, and write it to --out."""
    from train.data.labelled_clips import assign_splits
    from train.recipes import clips as recipe
    from train.recipes import singing

    with report_errors(out / SINGING.name):
        clips, store = open_source(source, cache, separator)
        methods = split or (["given"] if all(clip.split for clip in clips) else ["grouped"])
        schedule = replace(singing.SCHEDULE, samples=samples, patience=patience)
        recipes = [
            recipe.Recipe(
                clips=tuple(clips),
                splits=assign_splits(clips, method, seed, leak),
                store=store,
                seed=seed,
                schedule=schedule,
                members=members,
                method=method,
            )
            for method in methods
        ]
        metrics = recipe.train_and_export(recipes, source.name, typed_command(), out)
        for method, result in metrics.items():
            typer.echo("\n".join(summary(f"{method} split, {result.clips} clips held out", result)))
        if {"grouped", "random"} <= metrics.keys():
            gap = metrics["random"].balanced_accuracy - metrics["grouped"].balanced_accuracy
            typer.echo(f"The gap is {100 * gap:+.1f} points of balanced accuracy: the advantage of known singers.")
        typer.echo(f"The members of the {methods[0]} split are in {out / SINGING.name}.")


@app.command()
@report_errors()
def measure(
    source: Source,
    cache: Cache = CACHE,
    note: Annotated[str, typer.Option(help="A sentence about these clips for the report.")] = "",
) -> None:
    """Evaluate weights/singing on labelled clips that it was not trained on; the report shows the last result."""
    from train import reports, run_records
    from train.recipes import clips as recipe

    metrics = recipe.evaluate_weights(*open_source(source, cache, "unet"))
    # The path of the source may be private; its name is enough.
    command = f"python -m train measure {source.name}"
    run_records.write("elsewhere", {"command": command, "note": note, **asdict(metrics)})
    reports.write()
    typer.echo("\n".join(summary(f"{metrics.clips} clips", metrics)))


def open_source(source: Path, cache: Path, separator: str) -> tuple[list[LabelledClip], ClipFeatureCache]:
    """The labelled clips of a source, and the cache of their features; prints a summary of the clips.

    Raises:
        LayoutError: as `open_clips`; or the cache cannot be written.
    """
    from train.data.clip_cache import ClipFeatureCache
    from train.data.readers.open_dataset import open_clips
    from train.recipes.singing import FEATURE

    require_writable(cache)
    store = ClipFeatureCache(cache, FEATURE, separator)
    clips = open_clips(source, store.contains)
    for line in inventory(clips):
        typer.echo(line)
    return clips, store


def inventory(clips: Sequence[LabelledClip]) -> list[str]:
    """Lines of text: how many clips of each label there are, and what is missing."""
    counts = {label: sum(clip.label == label for clip in clips) for label in SINGING.labels}
    lines = [f"{len(clips)} clips: " + ", ".join(f"{count} {label}" for label, count in counts.items())]
    if absent := [label for label, count in counts.items() if not count]:
        lines.append(f"No clip is labelled {' or '.join(absent)}, so the members will never predict it.")
    if unknown := sum(not (clip.singer or clip.song) for clip in clips):
        lines.append(f"Singer and song of {unknown} are unknown: their singers may be in several splits.")
    return lines


def summary(title: str, metrics: ClipMetrics) -> list[str]:
    """Lines of text with the metrics."""
    (low, high), recall = metrics.interval, metrics.recall
    return [
        title + (f", of {metrics.singers} singers:" if metrics.singers else ":"),
        f"  balanced accuracy {metrics.balanced_accuracy:.3f} (95 % interval {low:.3f} to {high:.3f}), "
        f"accuracy {metrics.accuracy:.3f}",
        *(
            f"  {label:<8} " + (f"{recall[label]:.3f}" if label in recall else "not among them")
            for label in SINGING.labels
        ),
    ]
