"""One's own labelled clips: `python -m train prepare SOURCE`, then `songs SOURCE --out DIR` or `measure SOURCE`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gender_audio.systems.labels import SINGING
from train.commands.errors import explained
from train.commands.options import CACHE, MEMBERS, Cache, Seed, SeparatorName, command
from train.data.splits import SPLIT_METHODS
from train.data.validation import LayoutError, require_writable
from train.engine.fit import Schedule

if TYPE_CHECKING:
    from train.data.clip_cache import ClipFeatureCache
    from train.data.labelled_clips import LabelledClip
    from train.recipes.clips import Figures

app = typer.Typer()

Source = Annotated[Path, typer.Argument(help="Labelled clips: a folder or a CSV.")]


def _known(splits: list[str] | None) -> list[str] | None:
    if not set(splits or ()) <= set(SPLIT_METHODS):
        raise typer.BadParameter(f"choose from {', '.join(SPLIT_METHODS)}.")
    return splits


@dataclass(frozen=True)
class Course:
    """What is trained on somebody's own clips in `songs`, and how."""

    songs: Path
    cache: Path
    separator: str
    seed: int
    schedule: Schedule
    members: int
    leak: bool


@app.command()
@explained()
def prepare(
    source: Source,
    cache: Cache = CACHE,
    separator: SeparatorName = "unet",
) -> None:
    """Check labelled clips, separate their vocals and measure every snippet; done once, on all cores."""
    from train.data import clip_cache

    clip_cache.build_cache(*opened(source, cache, separator))


@app.command()
def songs(
    source: Source,
    out: Annotated[Path, typer.Option(help="Where to write the folder singer; it must not be there yet.")],
    cache: Cache = CACHE,
    seed: Seed = 0,
    separator: SeparatorName = "unet",
    members: Annotated[int, typer.Option(min=1, help="Networks in the ensemble.")] = MEMBERS,
    samples: Annotated[int, typer.Option(min=1, help="Samples that each member sees.")] = 60_000,
    patience: Annotated[
        int, typer.Option(min=0, help="Stop a member after so many validations without a better one; 0 never does.")
    ] = 0,
    split: Annotated[
        list[str] | None,
        typer.Option(
            help=f"One of {', '.join(SPLIT_METHODS)}; several are compared, the first is kept.", callback=_known
        ),
    ] = None,
    leak: Annotated[bool, typer.Option("--leak", help="Allow singers on both sides of a split that is given.")] = False,
) -> None:
    """Train an ensemble on one's own labelled clips, say what it reaches on singers held out, and write it."""
    from train.recipes.singing import SCHEDULE

    course = Course(
        source, cache, separator, seed, replace(SCHEDULE, samples=samples, patience=patience), members, leak
    )
    with explained(out / SINGING.name):
        train(course, split, out, command())


@app.command()
@explained()
def measure(
    source: Source,
    cache: Cache = CACHE,
    note: Annotated[str, typer.Option(help="What the report says of these clips.")] = "",
) -> None:
    """Measure the shipped ensemble on labelled clips that it never met, for docs/results.md in place of any before."""
    from gender_audio import weights
    from gender_audio.calibration import Calibration
    from gender_audio.systems.ensemble import Ensemble
    from train import reports, run_records
    from train.data import clip_cache
    from train.recipes import clips as recipe

    ensemble, card = Ensemble.load(), weights.card(SINGING.name)
    if card.inputs != clip_cache.INPUTS:
        raise LayoutError(f"The shipped ensemble listens to {' and '.join(card.inputs)}, not to vocals alone.")
    clips, store = opened(source, cache, "unet")
    clip_cache.build_cache(clips, store)
    plan = recipe.Recipe(tuple(clips), ("test",) * len(clips), store)
    figures = recipe.measure(ensemble, Calibration(**card.calibration), plan)
    told = {"command": f"python -m train measure {source.name}", "note": note}
    run_records.write("elsewhere", {**told, **asdict(figures)})
    reports.write()
    typer.echo("\n".join(words(f"{figures.clips} clips", figures)))


def opened(source: Path, cache: Path, separator: str) -> tuple[list[LabelledClip], ClipFeatureCache]:
    """The labelled clips of a source, and where their features belong.

    Raises:
        LayoutError: as `open_clips`; or the cache cannot be written.
        SeparationError: the separator is not there.
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
    """How many clips there are, and what is remarkable about them, in words."""
    counts = {label: sum(clip.label == label for clip in clips) for label in SINGING.labels}
    lines = [f"{len(clips)} clips: " + ", ".join(f"{count} {label}" for label, count in counts.items())]
    if absent := [label for label, count in counts.items() if not count]:
        lines.append(f"Nothing is labelled {' or '.join(absent)}, so members will never say so.")
    if unknown := sum(not (clip.singer or clip.song) for clip in clips):
        lines.append(f"Neither singer nor song is known of {unknown}: their singers may be on both sides of a split.")
    return lines


def train(course: Course, splits: Sequence[str] | None, out: Path, command: str) -> None:
    """Train an ensemble for each split, say what it reaches, and write the first to the folder `singer` in `out`.

    Without `splits`, clips are split as given with them, or else by singer.
    """
    from train.data import clip_cache
    from train.data.labelled_clips import assign_splits
    from train.recipes import clips as recipe

    clips, store = opened(course.songs, course.cache, course.separator)
    splits = splits or (["given"] if all(clip.split for clip in clips) else ["grouped"])
    sides = {split: assign_splits(clips, split, course.seed, course.leak) for split in splits}
    clip_cache.build_cache(clips, store)
    plans = {
        split: recipe.Recipe(tuple(clips), dealt, store, course.seed, course.schedule) for split, dealt in sides.items()
    }
    found: dict[str, Figures] = {}
    trained = []
    for split, plan in plans.items():
        ensemble = recipe.train(plan, course.members)
        calibration = recipe.settle(ensemble, plan)
        found[split] = recipe.measure(ensemble, calibration, plan)
        trained.append((ensemble, calibration, plan))
    metrics = {name: value for split, figures in found.items() for name, value in figures.metrics(split).items()}
    recipe.ship(*trained[0], metrics, course.songs.name, command, out)
    for split, figures in found.items():
        typer.echo("\n".join(words(f"{split} split, {figures.clips} clips held out", figures)))
    if {"grouped", "random"} <= found.keys():
        gap = found["random"].balanced_accuracy - found["grouped"].balanced_accuracy
        typer.echo(f"The gap is {100 * gap:+.1f} points of balanced accuracy: what it is worth to know the singers.")
    typer.echo(f"The members of the {splits[0]} split are in {out / SINGING.name}.")


def words(title: str, figures: Figures) -> list[str]:
    """What members reach, line by line."""
    (low, high), recall = figures.interval, figures.recall
    return [
        title + (f", of {figures.singers} singers:" if figures.singers else ":"),
        f"  balanced accuracy {figures.balanced_accuracy:.3f} (95 % interval {low:.3f} to {high:.3f}), "
        f"accuracy {figures.accuracy:.3f}",
        *(
            f"  {label:<8} " + (f"{recall[label]:.3f}" if label in recall else "not among them")
            for label in SINGING.labels
        ),
    ]
