"""Figures of the report's section on the genre system."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from gender_audio import synth
from gender_audio.features.stack import Stack
from gender_audio.plots.palette import INK, VOICE
from gender_audio.systems.genre_models import METHODS
from gender_audio.systems.labels import GENRE
from train.run_records import DOCS

FOLDER = DOCS / "images"
COLOURS = ("#c75300", "#2b7cd3", "#5b2a86", "#0b7a6f", "#7a808c", "#b3261e")
NAMES = {"picture": "CNN-FCN", "line": "Deep 1D-CNN", "song": "1D-CNN", "statistics": "FC-FD"}


def write(record: dict[str, Any], folder: Path = FOLDER) -> None:
    """Write every figure of the section into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    with rc_context({"svg.hashsalt": "genre", "svg.fonttype": "none", "font.size": 10}):
        for name, figure in (
            ("songs", songs(record)),
            ("confusion", confusion(record)),
            ("curves", curves(record)),
        ):
            figure.savefig(folder / f"genre-{name}.svg", metadata={"Date": None}, bbox_inches="tight")
        features().savefig(folder / "genre-features.png", dpi=60, bbox_inches="tight")


def songs(record: dict[str, Any]) -> Figure:
    """A pie chart of the genres of each split."""
    figure, axes = _row(len(record["songs"]))
    for place, (split, genres) in zip(axes, record["songs"].items(), strict=True):
        place.pie(
            list(genres.values()), labels=list(genres), colors=COLOURS, autopct="%d %%", textprops={"color": INK.light}
        )
        place.set_title(f"{split}: {sum(genres.values())} songs")
    return figure


def confusion(record: dict[str, Any]) -> Figure:
    """The confusion matrix of the chosen method out of fold and on the test songs."""
    figure, axes = _row(2)
    for place, split in zip(axes, ("development", "test"), strict=True):
        counts = np.array(record[split][record["chosen"]]["confusion"])
        shares = counts / counts.sum(1, keepdims=True)
        place.imshow(shares, "Blues", vmin=0, vmax=1)
        for (row, column), count in np.ndenumerate(counts):
            colour = "white" if shares[row, column] > 0.6 else "black"
            place.text(column, row, f"{count}\n{shares[row, column]:.0%}", ha="center", va="center", color=colour)
        place.set_xticks(range(2), GENRE.labels)
        place.set_yticks(range(2), GENRE.labels)
        place.set(xlabel="predicted", ylabel="true", title=f"{METHODS[record['chosen']]}, {split}")
    return figure


def curves(record: dict[str, Any]) -> Figure:
    """Training and validation loss by round, of the first network of each kind."""
    figure, axes = _row(len(record["curves"]))
    for place, (name, rounds) in zip(axes, record["curves"].items(), strict=True):
        numbers = range(1, len(rounds) + 1)
        place.plot(
            numbers, [metrics.get("loss", np.nan) for metrics in rounds], color=INK.light, label="training, last batch"
        )
        place.plot(numbers, [-metrics["score"] for metrics in rounds], color=VOICE.light, label="validation")
        place.set(title=NAMES[name], xlabel="round", ylabel="weighted cross-entropy", ylim=(0, None))
    axes[0].legend(frameon=False)
    return figure


def features() -> Figure:
    """The features of a synthesised song."""
    clip, feature = synth.example("instrumental"), Stack()
    stack = feature(clip.mono(feature.rate))
    figure = Figure((8, 5), layout="constrained")
    for place, (name, span) in zip(figure.subplots(3, 1, sharex=True), feature.blocks.items(), strict=True):
        extent = (0.0, clip.duration_s, 0.0, float(span.stop - span.start))
        place.imshow(stack[span], "magma", aspect="auto", origin="lower", extent=extent, vmin=-2, vmax=2)
        place.set_ylabel(name)
    place.set_xlabel("Time (s)")
    return figure


def _row(count: int) -> tuple[Figure, list[Axes]]:
    figure = Figure((3.6 * count, 3.2), layout="constrained")
    return figure, list(figure.subplots(1, count))
