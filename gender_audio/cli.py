"""The command line: classify recordings, take one apart, or record one now.

Results go to standard output, everything else to standard error; the exit status is 2 if any input is bad.
"""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, NoReturn

import typer
from rich.console import Console
from soundfile import LibsndfileError

from gender_audio import report
from gender_audio.audio import LIMITS, AudioError, Clip, read, write
from gender_audio.record import RecordingError, microphone, record

if TYPE_CHECKING:
    from gender_audio.pipeline import Pipeline, Verdict

COUNTDOWN_S = 3
UNUSABLE = 2  # exit status

app = typer.Typer(
    help="Says how the voice in a recording sounds: none, male-like, female-like, or more than one.",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)

Files = Annotated[list[Path], typer.Argument(metavar="FILE...", help="Recordings in any common format.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of tables.")]
SeparatorName = Annotated[
    Literal["unet", "none"],
    typer.Option(help="What finds the vocals; none: the mixture counts as vocals."),
]
Members = Annotated[int | None, typer.Option(min=1, help="How many members vote; all if not given.")]
Seconds = Annotated[float, typer.Option(min=LIMITS.shortest_s, max=LIMITS.longest_s, help="Length in seconds.")]


@app.command("classify")
def classify_files(
    files: Files, as_json: AsJson = False, separator: SeparatorName = "unet", members: Members = None
) -> None:
    """Say how the voice in each FILE sounds."""
    pipeline = _load(separator, members)
    objects = []
    for path in files:
        try:
            clip = read(path)
        except AudioError as error:
            _complain(error, path)
            continue
        verdict = _classify(pipeline, clip)
        objects.append(report.as_dict(str(path), verdict))
        if not as_json:
            Console().print(report.table(str(path), verdict))
    if as_json:
        typer.echo(json.dumps(objects, indent=2))
    if len(objects) < len(files):
        raise typer.Exit(UNUSABLE)


@app.command("separate")
def separate_file(
    file: Annotated[Path, typer.Argument(help="A recording in any common format.")],
    out: Annotated[Path, typer.Option(help="The folder for the two files; made if it does not exist.")],
) -> None:
    """Write the vocals and the accompaniment of FILE as two WAV files."""
    from gender_audio import separation
    from gender_audio.weights import WeightsError

    try:
        clip = read(file)
        stems = separation.load("unet")(clip)
    except AudioError as error:
        _fail(error, file)
    except WeightsError as error:
        _fail(error)
    try:
        out.mkdir(parents=True, exist_ok=True)
        for name, samples in (("vocals", stems.vocals), ("accompaniment", stems.accompaniment)):
            path = out / f"{file.stem}.{name}.wav"
            write(path, samples, stems.rate)
            typer.echo(f"Wrote {report.printable(str(path))}")
    except (OSError, LibsndfileError):
        _fail("The two files could not be written there; please choose another folder.", out)


@app.command("record")
def record_and_classify(seconds: Seconds = 3.0) -> None:
    """Record from the microphone after a countdown, then say how the voice sounds. Nothing is kept."""
    try:
        source = microphone()
        pipeline = _load("unet", None)
        for number in range(COUNTDOWN_S, 0, -1):
            typer.echo(f"{number} ...", err=True)
            time.sleep(1)
        typer.echo(f"Recording {seconds:g} s from {report.printable(source.name)}", err=True)
        clip = record(source, seconds)
    except RecordingError as error:
        _fail(error)
    Console().print(report.table("Recording", _classify(pipeline, clip)))


def _load(separator: str, members: int | None) -> Pipeline:
    from gender_audio.pipeline import Pipeline
    from gender_audio.weights import WeightsError

    try:
        return Pipeline.load(separator, members)
    except (ValueError, WeightsError) as error:
        _fail(error)


def _classify(pipeline: Pipeline, clip: Clip) -> Verdict:
    with Console(stderr=True).status("Reading the recording") as status:
        return pipeline(clip, lambda _, doing: status.update(doing))


def _complain(problem: object, path: Path | None = None) -> None:
    prefix = f"{report.printable(str(path))}: " if path else ""
    typer.echo(f"{prefix}{problem}", err=True)


def _fail(problem: object, path: Path | None = None) -> NoReturn:
    _complain(problem, path)
    raise typer.Exit(UNUSABLE)
