"""The command line: classify recordings, take one apart, or record one now.

Results go to standard output, everything else to standard error; the exit status is 2 if any input is bad.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from textwrap import indent
from typing import TYPE_CHECKING, Annotated, Any, Literal, NoReturn

import typer
from rich.console import Console
from rich.markup import escape
from soundfile import LibsndfileError

from gender_audio import report
from gender_audio.audio import LIMITS, AudioError, Clip, read, write
from gender_audio.audio.microphone import RecordingError, microphone, record
from gender_audio.separation import SeparationError
from gender_audio.separation.spleeter.environment import Environment
from gender_audio.systems.labels import SINGING, STUDENT
from gender_audio.systems.registry import SYSTEMS, find_system, load

if TYPE_CHECKING:
    from gender_audio.systems.base import Classifier, Verdict

COUNTDOWN_S = 3
UNUSABLE = 2  # exit status

app = typer.Typer(
    help="Says how the voice in a recording sounds: none, male-like, female-like, or more than one.",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


def _known(name: str) -> str:
    try:
        return find_system(name).name
    except ValueError as error:
        raise typer.BadParameter(f"choose from {', '.join(SYSTEMS)}.") from error


def _number_or_student(text: str) -> int | str:
    if text == STUDENT or (text.isdigit() and int(text) > 0):
        return text if text == STUDENT else int(text)
    raise typer.BadParameter(f"give a number from 1, or {STUDENT}.")


Files = Annotated[list[Path], typer.Argument(metavar="FILE...", help="Recordings in any common format, or folders.")]

SystemName = Annotated[str, typer.Option("--system", metavar="|".join(SYSTEMS), callback=_known, help="Who listens.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of tables.")]
SeparatorName = Annotated[
    Literal["unet", "spleeter", "none"] | None,
    typer.Option(
        help="What finds the vocals for the singer system, unet if not given; none: the mixture counts as vocals."
    ),
]

Members = Annotated[
    Any,
    typer.Option(
        parser=_number_or_student,
        metavar=f"N|{STUDENT}",
        help="How many members vote, all if not given; student: the one network that they taught.",
    ),
]
Seconds = Annotated[float, typer.Option(min=LIMITS.shortest_s, max=LIMITS.longest_s, help="Length in seconds.")]


@app.command("classify")
def classify_files(
    files: Files,
    system: SystemName = SINGING.name,
    as_json: AsJson = False,
    separator: SeparatorName = None,
    members: Members = None,
) -> None:
    """Say how the voice in each FILE sounds; of a folder, in every file."""
    listener = _load(system, separator=separator, members=members)
    recordings, bad = _listed(files)
    with _printing(as_json) as show:
        for path in recordings:
            try:
                verdict = _classify(listener, read(path))
            except (AudioError, SeparationError) as error:
                bad += 1
                _complain(error, path)
            except Exception as error:
                # The others are still to be heard, and those before must not be lost.
                bad += 1
                _complain(f"Something went wrong, and it was not classified ({type(error).__name__}: {error}).", path)
            else:
                show(str(path), verdict)
    if bad:
        raise typer.Exit(UNUSABLE)


@contextmanager
def _printing(as_json: bool) -> Iterator[Callable[[str, Verdict], None]]:
    """What prints the verdict on a file at once; as JSON all are one list, which is closed whatever happens."""
    shown = 0

    def show(file: str, verdict: Verdict) -> None:
        nonlocal shown
        if as_json:
            text = indent(json.dumps(report.as_dict(file, verdict), indent=2), "  ")
            typer.echo(f"{',' if shown else '['}\n{text}", nl=False)
        else:
            report.show(file, verdict, Console())
        shown += 1

    try:
        yield show
    finally:
        if as_json:
            typer.echo("\n]" if shown else "[]")


@app.command("separate")
def separate_file(
    file: Annotated[Path, typer.Argument(help="A recording in any common format.")],
    out: Annotated[Path, typer.Option(help="The folder for the two files; made if it does not exist.")],
    separator: Annotated[Literal["unet", "spleeter"], typer.Option(help="What takes it apart.")] = "unet",
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace files that are there already.")] = False,
) -> None:
    """Write the vocals and the accompaniment of FILE as two WAV files."""
    from gender_audio import separation
    from gender_audio.weights import WeightsError

    names = ("vocals", "accompaniment")
    targets = [out / f"{file.stem}.{name}.wav" for name in names]
    try:
        clip = read(file)
        with _writing(out):
            for target in targets:
                if target.exists() and not overwrite:
                    _fail("This file is there already; please choose another folder, or add --overwrite.", target)
        stems = separation.load(separator)(clip)
    except AudioError as error:
        _fail(error, file)
    except (SeparationError, WeightsError) as error:
        _fail(error)
    for warning in clip.warnings:
        _complain(warning, file)
    with _writing(out):
        out.mkdir(parents=True, exist_ok=True)
        for target, name in zip(targets, names, strict=True):
            write(target, getattr(stems, name), stems.rate)
            typer.echo(f"Wrote {report.printable(str(target))}")


@contextmanager
def _writing(out: Path) -> Iterator[None]:
    """Say why files cannot lie in a folder."""
    try:
        yield
    except (OSError, LibsndfileError) as error:
        reason = getattr(error, "strerror", None) or "the disk may be full"
        _fail(f"The two files could not be written there ({reason}); please choose another folder.", out)


@app.command("record")
def record_and_classify(seconds: Seconds = 3.0, system: SystemName = SINGING.name) -> None:
    """Record from the microphone after a countdown, then say how the voice sounds. Nothing is kept."""
    try:
        source = microphone()
        listener = _load(system)
        for number in range(COUNTDOWN_S, 0, -1):
            typer.echo(f"{number} ...", err=True)
            time.sleep(1)
        typer.echo(f"Recording {seconds:g} s from {report.printable(source.name)}", err=True)
        clip = record(source, seconds)
    except RecordingError as error:
        _fail(error)
    try:
        verdict = _classify(listener, clip)
    except AudioError as error:
        _fail(error)
    report.show("Recording", verdict, Console())


spleeter = typer.Typer(help="Install Deezer's Spleeter, which `--separator spleeter` uses, in a place of its own.")
app.add_typer(spleeter, name="spleeter", no_args_is_help=True)


@spleeter.command("install")
def install_spleeter() -> None:
    """Make an environment with Spleeter in it and fetch Deezer's checkpoint."""
    environment = Environment.of_user()
    if not environment.problem():
        typer.echo(f"Spleeter is already installed in {environment.folder}")
        return
    console = Console(stderr=True)
    with console.status("") as status:
        told = status.update if console.is_terminal else console.print
        try:
            environment.install(lambda line: told(escape(line)))
        except SeparationError as error:
            status.stop()
            _fail(error)
    typer.echo(f"Installed Spleeter in {environment.folder}")


@spleeter.command("status")
def show_spleeter() -> None:
    """Say whether Spleeter can be used, and where it lies; the exit status is 2 if it cannot."""
    environment = Environment.of_user()
    if problem := environment.problem():
        _fail(problem)
    typer.echo(f"Spleeter is ready in {environment.folder}, with the checkpoint in {environment.model_path}")


@spleeter.command("remove")
def remove_spleeter() -> None:
    """Delete the environment and the checkpoint that `install` fetched."""
    environment = Environment.of_user()
    try:
        removed = environment.remove()
    except SeparationError as error:
        _fail(error)
    typer.echo(f"Removed {environment.folder}" if removed else "Spleeter is not installed.")


def _load(system: str, **options: object) -> Classifier:
    from gender_audio.weights import WeightsError

    given = {name: value for name, value in options.items() if value is not None}
    if given and system != SINGING.name:
        _fail(f"--{next(iter(given))} belongs to the singer system; leave it out for {system}.")
    try:
        return load(system, **given)
    except (ValueError, SeparationError, WeightsError) as error:
        _fail(error)


def _listed(paths: list[Path]) -> tuple[list[Path], int]:
    """The files to hear, those of each folder in order, and how many folders are empty or cannot be opened."""
    files: list[Path] = []
    closed: list[Path] = []

    def refuse(error: OSError) -> None:
        closed.append(Path(error.filename))
        _complain("This folder cannot be opened; please check that you are allowed to read it.", closed[-1])

    for path in paths:
        if not _is_folder(path):
            files.append(path)
            continue
        before = len(closed)
        inside = list(_inside(path, refuse))
        if not inside and len(closed) == before:
            closed.append(path)
            _complain("There are no files in this folder.", path)
        files += sorted(inside)
    return files, len(closed)


def _inside(path: Path, refuse: Callable[[OSError], None]) -> Iterator[Path]:
    """The files in and below a folder, linked ones too, hidden ones not; each folder once: links may form a ring."""
    seen = set()
    for folder, below, names in os.walk(path, onerror=refuse, followlinks=True):
        real = os.path.realpath(folder)
        if real in seen:
            below.clear()
            continue
        seen.add(real)
        below[:] = [name for name in below if not name.startswith(".")]
        yield from (Path(folder, name) for name in names if not name.startswith("."))


def _is_folder(path: Path) -> bool:
    """Whether it is one that may be looked at; `read` says what is wrong with any other path."""
    try:
        return path.is_dir()
    except OSError:
        return False


def _classify(listener: Classifier, clip: Clip) -> Verdict:
    with Console(stderr=True).status("Reading the recording") as status:
        return listener(clip, lambda _, doing: status.update(doing))


def _complain(problem: object, path: Path | None = None) -> None:
    prefix = f"{report.printable(str(path))}: " if path else ""
    typer.echo(f"{prefix}{problem}", err=True)


def _fail(problem: object, path: Path | None = None) -> NoReturn:
    _complain(problem, path)
    raise typer.Exit(UNUSABLE)
