"""Prepare recordings and write submissions for the competition of system A."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from train.commands.errors import report_errors
from train.data.readers.competition import CATEGORIES, read_entries, read_labels, write_submission
from train.data.validation import LayoutError, find_unreadable

app = typer.Typer(no_args_is_help=True, help=__doc__)

Folder = Annotated[Path, typer.Argument(help="Folder of the recordings 1.mp3, 2.mp3, ...")]
Labels = Annotated[Path, typer.Argument(help="File with one label per line: 0 none, 1 male, 2 female, 3 multiple.")]
Out = Annotated[Path, typer.Argument(help="Path of the output; it must not exist yet.")]


@app.command("labels")
def pack_labels(file: Labels, out: Out) -> None:
    """Write the labels as numbers into an npz file, under `arr_0`."""
    with report_errors(out):
        numbers = {label: int(number) for number, label in CATEGORIES.items()}
        array = np.array([numbers[label] for label in read_labels(file)])
        with out.open("xb") as target:  # with a name, savez would add a suffix and replace an existing file
            np.savez(target, array)


@app.command("sort")
def sort_recordings(folder: Folder, file: Labels, out: Out) -> None:
    """Copy every recording into a folder with the name of its label."""
    with report_errors(out):
        for entry in read_entries(folder, file):
            (out / entry.label).mkdir(parents=True, exist_ok=True)
            shutil.copy2(entry.path, out / entry.label)


@app.command("blank")
def blank_submission(folder: Folder, out: Out) -> None:
    """Write a submission that labels every recording `none`."""
    with report_errors(out):
        write_submission({entry.number: "none" for entry in read_entries(folder, decode=False)}, out)


@app.command("submit")
def submission(folder: Folder, out: Out) -> None:
    """Classify every recording and write the submission."""
    from tqdm import tqdm

    from gender_audio.audio import read
    from gender_audio.systems.singing import SingingClassifier

    with report_errors(out):
        if not out.parent.is_dir():
            raise LayoutError(f"{out.parent}: there is no such folder; create it first, or choose another name.")
        recordings, classifier = read_entries(folder), SingingClassifier.load()
        progress = tqdm(recordings, desc="classify", unit="clip")
        write_submission({entry.number: classifier(read(entry.path)).label for entry in progress}, out)


@app.command("pictures")
def pictures(
    folder: Folder,
    out: Out,
    count: Annotated[int, typer.Option(min=1, help="Number of recordings, from the lowest number on.")] = 11,
) -> None:
    """Draw waveform and spectrogram of the first recordings as PNG files."""
    from gender_audio.audio import read
    from train.reports.figures import waveform_and_spectrogram

    with report_errors(out):
        drawn = read_entries(folder, decode=False)[:count]
        if problems := find_unreadable(entry.path for entry in drawn):
            raise LayoutError("\n".join(problems))
        out.mkdir(parents=True)
        for entry in drawn:
            waveform_and_spectrogram(read(entry.path), out / f"{entry.number}.png")
