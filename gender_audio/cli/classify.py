"""`classify`: the verdict on recordings, as tables or in the formats of other programs."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from textwrap import indent

import typer
from rich.console import Console

from gender_audio import report
from gender_audio.atomic_write import atomic_write
from gender_audio.audio import AudioError, Clip
from gender_audio.cli.errors import UNUSABLE, fail, print_problem
from gender_audio.cli.files import find_files, read_input
from gender_audio.cli.options import AsJson, FileFormat, Files, Members, Out, Overwrite, SeparatorName, SystemName
from gender_audio.export import FORMATS, Format
from gender_audio.report import printable
from gender_audio.separation import SeparationError
from gender_audio.systems.base import Classifier, Verdict
from gender_audio.systems.labels import SINGING
from gender_audio.systems.registry import load


def classify_files(
    files: Files,
    system: SystemName = SINGING.name,
    file_format: FileFormat = None,
    as_json: AsJson = False,
    out: Out = None,
    overwrite: Overwrite = False,
    separator: SeparatorName = None,
    members: Members = None,
) -> None:
    """Say how the voice in each FILE sounds. For a folder, classify every file in it; - is standard input."""
    name = file_format or ("json" if as_json or out else None)
    classifier = load_classifier(system, separator=separator, members=members)
    paths, problems = find_files(files)
    if len(paths) > 1 and out is None and name and name != "json" and not FORMATS[name].joinable:
        fail(f"A {FORMATS[name].title} file is about one recording; please choose a folder for several with --out.")
    with _writer(name, out, overwrite) as write_verdict:
        for path in paths:
            try:
                write_verdict(path, classify_clip(classifier, read_input(path)))
            except (AudioError, SeparationError, NotWritten) as error:
                problems += 1
                print_problem(error, path)
            except Exception as error:
                # One failure must not stop the other files.
                problems += 1
                print_problem(
                    f"Something went wrong, and it was not classified ({type(error).__name__}: {error}).", path
                )
    if problems:
        raise typer.Exit(UNUSABLE)


def load_classifier(system: str, **options: object) -> Classifier:
    """Load a system with those options that are not None; exit with a message if that fails."""
    from gender_audio.weights import WeightsError

    chosen = {name: value for name, value in options.items() if value is not None}
    if chosen and system != SINGING.name:
        fail(f"--{next(iter(chosen))} belongs to the {SINGING.name} system; leave it out for {system}.")
    try:
        return load(system, **chosen)
    except (ValueError, SeparationError, WeightsError) as error:
        fail(error)


def classify_clip(classifier: Classifier, clip: Clip) -> Verdict:
    """The verdict on a clip; shows the progress on standard error."""
    with Console(stderr=True).status("Reading the recording") as status:
        return classifier(clip, lambda _, step: status.update(step))


class NotWritten(Exception):  # noqa: N818
    """The file for a verdict was not written; the text says why."""


@contextmanager
def _writer(name: str | None, out: Path | None, overwrite: bool) -> Iterator[Callable[[Path, Verdict], None]]:
    """Yield a function that writes a verdict: into a folder, or to standard output; without a format as a table."""
    if name is None:
        yield lambda file, verdict: report.show(str(file), verdict, Console())
    elif out is not None:
        yield partial(_write_file, FORMATS[name], out, overwrite)
    elif name == "json":
        with _json_list() as print_verdict:
            yield print_verdict
    else:
        yield _text_printer(FORMATS[name])


def _write_file(chosen: Format, out: Path, overwrite: bool, file: Path, verdict: Verdict) -> None:
    """Write a verdict into the folder `out`, under the name of its recording.

    Raises:
        NotWritten: there is such a file, or it cannot be written.
    """
    target = out / f"{file.stem}.{chosen.suffix}"
    if target.exists() and not overwrite:
        raise NotWritten(f"{printable(str(target))} already exists; please choose another folder, or add --overwrite.")
    try:
        with atomic_write(target) as temporary:
            temporary.write_text(chosen.write(str(file), verdict), encoding="utf8")
    except OSError as error:
        raise NotWritten(f"{printable(str(target))} cannot be written ({error.strerror}).") from error
    typer.echo(f"Wrote {printable(str(target))}")


def _text_printer(chosen: Format) -> Callable[[Path, Verdict], None]:
    """A function that prints verdicts; the header of CSV is printed once."""
    count = 0

    def print_verdict(file: Path, verdict: Verdict) -> None:
        nonlocal count
        text = chosen.write(str(file), verdict)
        typer.echo(text.partition("\n")[2] if count and chosen.suffix == "csv" else text, nl=False)
        count += 1

    return print_verdict


@contextmanager
def _json_list() -> Iterator[Callable[[Path, Verdict], None]]:
    """Yield a function that prints a verdict. The output is one list, which is closed even after an error."""
    count = 0

    def print_verdict(file: Path, verdict: Verdict) -> None:
        nonlocal count
        text = indent(json.dumps(report.as_dict(str(file), verdict), indent=2), "  ")
        typer.echo(f"{',' if count else '['}\n{text}", nl=False)
        count += 1

    try:
        yield print_verdict
    finally:
        typer.echo("\n]" if count else "[]")
