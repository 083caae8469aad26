"""`classify`: the verdict on recordings, as tables or as JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from textwrap import indent

import typer
from rich.console import Console

from gender_audio import report
from gender_audio.audio import AudioError, Clip, read
from gender_audio.cli.errors import UNUSABLE, fail, print_problem
from gender_audio.cli.files import find_files
from gender_audio.cli.options import AsJson, Files, Members, SeparatorName, SystemName
from gender_audio.separation import SeparationError
from gender_audio.systems.base import Classifier, Verdict
from gender_audio.systems.labels import SINGING
from gender_audio.systems.registry import load


def classify_files(
    files: Files,
    system: SystemName = SINGING.name,
    as_json: AsJson = False,
    separator: SeparatorName = None,
    members: Members = None,
) -> None:
    """Say how the voice in each FILE sounds. For a folder, classify every file in it."""
    classifier = load_classifier(system, separator=separator, members=members)
    paths, problems = find_files(files)
    with _printer(as_json) as print_verdict:
        for path in paths:
            try:
                verdict = classify_clip(classifier, read(path))
            except (AudioError, SeparationError) as error:
                problems += 1
                print_problem(error, path)
            except Exception as error:
                # One failure must not stop the other files.
                problems += 1
                print_problem(
                    f"Something went wrong, and it was not classified ({type(error).__name__}: {error}).", path
                )
            else:
                print_verdict(str(path), verdict)
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


@contextmanager
def _printer(as_json: bool) -> Iterator[Callable[[str, Verdict], None]]:
    """Yield a function that prints a verdict. JSON output is one list, which is closed even after an error."""
    count = 0

    def print_verdict(file: str, verdict: Verdict) -> None:
        nonlocal count
        if as_json:
            text = indent(json.dumps(report.as_dict(file, verdict), indent=2), "  ")
            typer.echo(f"{',' if count else '['}\n{text}", nl=False)
        else:
            report.show(file, verdict, Console())
        count += 1

    try:
        yield print_verdict
    finally:
        if as_json:
            typer.echo("\n]" if count else "[]")
