"""`separate`: a recording to two WAV files, vocals and accompaniment."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Literal

import typer
from soundfile import LibsndfileError

from gender_audio import separation
from gender_audio.audio import AudioError, read, write
from gender_audio.cli.errors import fail, print_problem
from gender_audio.cli.options import Overwrite
from gender_audio.report import printable
from gender_audio.separation import SeparationError

STEMS = ("vocals", "accompaniment")


def separate_file(
    file: Annotated[Path, typer.Argument(help="A recording in any common format.")],
    out: Annotated[Path, typer.Option(help="Folder for the two files; created if it does not exist.")],
    separator: Annotated[
        Literal["unet", "spleeter", "spleeter-package"],
        typer.Option(help="The separator to use. spleeter-package: Deezer's own package, if it is installed."),
    ] = "unet",
    overwrite: Overwrite = False,
) -> None:
    """Write the vocals and the accompaniment of FILE as two WAV files."""
    from gender_audio.weights import WeightsError

    targets = [out / f"{file.stem}.{name}.wav" for name in STEMS]
    try:
        clip = read(file)
        with _write_errors(out):
            for target in targets:
                if target.exists() and not overwrite:
                    fail("This file already exists; please choose another folder, or add --overwrite.", target)
        stems = separation.load(separator)(clip)
    except AudioError as error:
        fail(error, file)
    except (SeparationError, WeightsError) as error:
        fail(error)
    for warning in clip.warnings:
        print_problem(warning, file)
    with _write_errors(out):
        out.mkdir(parents=True, exist_ok=True)
        for target, name in zip(targets, STEMS, strict=True):
            write(target, getattr(stems, name), stems.rate)
            typer.echo(f"Wrote {printable(str(target))}")


@contextmanager
def _write_errors(out: Path) -> Iterator[None]:
    """Exit with the reason if a folder cannot be written to."""
    try:
        yield
    except (OSError, LibsndfileError) as error:
        reason = getattr(error, "strerror", None) or "the disk may be full"
        fail(f"The two files could not be written there ({reason}); please choose another folder.", out)
