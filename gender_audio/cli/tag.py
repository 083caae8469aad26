"""`tag`: classify every recording of a collection and write one table."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from gender_audio.cli.errors import UNUSABLE, fail, print_problem
from gender_audio.cli.options import SystemName
from gender_audio.collection import file_tags, pool, tables
from gender_audio.collection.journal import Journal, read_rows
from gender_audio.collection.listing import content_hash, list_recordings
from gender_audio.collection.row import Row, columns, empty_row, tag, weights_fingerprint
from gender_audio.report import printable
from gender_audio.systems.base import Classifier
from gender_audio.systems.labels import SINGING, System
from gender_audio.systems.registry import find_system, load

DIED = "The process that read this file was ended by it, or by a lack of memory."
_classifiers: dict[str, Classifier] = {}
"""The classifier of a process of the pool; one process never changes that of another."""


def tag_collection(
    paths: Annotated[list[Path], typer.Argument(metavar="FOLDER", help="Folders and recordings.")],
    out: Annotated[Path, typer.Option(help="Table to write: .csv, .jsonl or .parquet.")],
    system: SystemName = SINGING.name,
    jobs: Annotated[int | None, typer.Option(min=1, help="Processes; one for each core by default.")] = None,
    write_tags: Annotated[
        bool,
        typer.Option("--write-tags", help=f"Also write the label into each recording, as {file_tags.TAG}."),
    ] = False,
) -> None:
    """Classify every recording below FOLDER. Started again, it continues where it stopped.

    Finished files are known by their content, so renamed ones are not classified again. Files that cannot be used are
    listed with the reason. A journal beside the table keeps all rows: with it, new files can be added later.
    """
    from gender_audio.weights import WeightsError

    chosen = find_system(system)
    try:
        tables.check(out)
        if write_tags:
            file_tags.check()
        fingerprint = weights_fingerprint()
    except (ValueError, WeightsError) as error:
        fail(error)
    listing = list_recordings(paths, lambda error: print_problem("This folder cannot be opened.", Path(error.filename)))
    if not listing.files:
        fail("There are no recordings in these folders.")
    journal = out.with_name(f"{out.name}.journal")
    try:
        rows = _classify_all(listing.files, chosen, fingerprint, journal, jobs or os.cpu_count() or 1)
        if write_tags:
            _write_tags(rows, journal)
        tables.write(out, columns(chosen), rows)
    except OSError as error:
        fail(f"{printable(str(error.filename or out))} cannot be written ({error.strerror}).")
    except KeyboardInterrupt:
        fail(f"Stopped. Finished files are kept in {printable(str(journal))}; the same command continues.")
    _summarise(rows, listing.skipped, out)
    if any(row["error"] for row in rows):
        raise typer.Exit(UNUSABLE)


def _classify_all(files: list[Path], system: System, fingerprint: str, journal: Path, jobs: int) -> list[Row]:
    """The rows of all files in order; those in the journal are not computed again."""
    known = {(row["sha256"], row["system"], row["weights"]): row for row in read_rows(journal) if row.get("sha256")}
    rows: dict[Path, Row] = {}
    for file in files:
        try:
            done = known.get((content_hash(file), system.name, fingerprint)) if known else None
        except OSError:
            done = None
        if done:
            rows[file] = done | {"path": str(file)}
    missing = [file for file in files if file not in rows]
    answers = pool.run(
        partial(_tag, system, fingerprint),
        missing,
        min(jobs, max(1, len(missing))),
        partial(_load, system.name),
        lambda file: empty_row(file, system, fingerprint) | {"error": DIED},
    )
    with Journal(journal) as finished, _progress() as progress:
        bar = progress.add_task("Classifying", total=len(files), completed=len(rows))
        for row in answers:
            finished.append(row)
            rows[Path(row["path"])] = row
            progress.advance(bar)
    return [rows[file] for file in files]


def _load(system: str) -> None:
    """Load the networks of a process, which computes in one thread."""
    import torch

    torch.set_num_threads(1)
    _classifiers[system] = load(system)


def _tag(system: System, fingerprint: str, file: Path) -> Row:
    return tag(_classifiers[system.name], file, system, fingerprint)


def _progress() -> Progress:
    """A bar with the rate and the time left, on standard error."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TaskProgressColumn(show_speed=True),
        TimeRemainingColumn(),
        console=Console(stderr=True),
    )


def _write_tags(rows: Iterable[Row], journal: Path) -> None:
    """Write the labels into the recordings, which changes their content and therefore the rows."""
    with Journal(journal) as finished:
        for row in rows:
            if row["error"]:
                continue
            if problem := file_tags.write_tag(row):
                print_problem(problem, Path(row["path"]))
            elif (content := content_hash(Path(row["path"]))) != row["sha256"]:
                row["sha256"] = content
                finished.append(row)


def _summarise(rows: list[Row], skipped: int, out: Path) -> None:
    """Print how many files have each label, and those that could not be used."""
    for row in rows:
        if row["error"]:
            print_problem(row["error"], Path(row["path"]))
    good = [row for row in rows if not row["error"]]
    counts = Counter(row["label"] for row in good)
    labels = ", ".join(f"{count} {label}" for label, count in counts.most_common())
    typer.echo(f"{len(good)} files classified ({labels or 'none'}), {sum(not row['sure'] for row in good)} not sure.")
    typer.echo(f"{len(rows) - len(good)} files could not be used, {skipped} files are no audio and were skipped.")
    typer.echo(f"Wrote {printable(str(out))}")
