"""Plots of a genre verdict: the methods side by side, and the features of the song."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure

from gender_audio.features.stack import Stack
from gender_audio.plots.palette import LABEL_COLOURS, LINE
from gender_audio.plots.svg import responsive, rows

if TYPE_CHECKING:  # imports torch
    from gender_audio.systems.genre import GenreVerdict

ROW = 34  # px for a method: its name above its bar
PITCHES = ("C", "C♯", "D", "D♯", "E", "F", "F♯", "G", "G♯", "A", "A♯", "B")
HEIGHTS = {"mel": 150, "mfcc": 90, "chroma": 110}  # px
TITLES = {"mel": "Mel bands", "mfcc": "MFCC", "chroma": "Chroma"}


def methods(verdict: GenreVerdict) -> str:
    """One bar for each method, divided between the first label on the left and the second on the right."""
    first, second = verdict.system.labels
    methods = list(zip(verdict.member_names, verdict.member_probabilities, strict=True))
    height = 26 + ROW * len(methods)

    def draw(width: int) -> Figure:
        figure = Figure((width / 72, height / 72))
        axes = figure.add_axes((0, 0, 1, 1), xlim=(0, width), ylim=(height, 0))
        axes.set_axis_off()
        axes.text(0, 8, verdict.system.titles[first], va="center", fontsize=11)
        axes.text(width, 8, verdict.system.titles[second], va="center", ha="right", fontsize=11)
        for number, (name, probabilities) in enumerate(methods):
            y = 30 + ROW * number
            decides = name == verdict.extra_fields["method"]
            axes.text(
                0, y, f"{name} (decides)" if decides else name, va="center", weight="bold" if decides else "normal"
            )
            axes.text(width, y, f"{probabilities[0]:.0%}", va="center", ha="right")
            edge = width * float(probabilities[0])
            axes.hlines(y + 14, 0, edge, LABEL_COLOURS[first].light, linewidths=9)
            axes.hlines(y + 14, edge, width, LABEL_COLOURS[second].light, linewidths=9, alpha=0.45)
        axes.vlines(width / 2, 22, height, LINE.light, linewidths=1)
        return figure

    shares = "; ".join(f"{name} {probabilities[0]:.0%}" for name, probabilities in methods)
    return responsive(draw, f"Probability of {verdict.system.titles[first]} by method. {shares}.")


def features(verdict: GenreVerdict) -> str:
    """Mel bands, MFCC and chroma of the song, below one another."""
    blocks = Stack().blocks
    begin_s, end_s = float(verdict.starts_s[0]), float(verdict.ends_s[-1])

    def draw(width: int) -> Figure:
        figure, panels = rows(width, list(HEIGHTS.values()), verdict.clip.duration_s, gap=24, left=34)
        for (name, span), axes in zip(blocks.items(), panels, strict=True):
            block = _mean_columns(verdict.features.song[span], width)
            if name == "mfcc":
                block = block / np.maximum(np.abs(block).max(1, keepdims=True), 1e-6)
            limits = (-1.0, 1.0) if name == "mfcc" else (-2.0, 2.0)
            axes.imshow(
                block,
                "magma",
                aspect="auto",
                interpolation="none",
                extent=(begin_s, end_s, 0, len(block)),
                origin="lower",
                vmin=limits[0],
                vmax=limits[1],
            )
            axes.set(xlim=(0.0, verdict.clip.duration_s))
            axes.text(0.0, 1.03, TITLES[name], transform=axes.transAxes, fontsize=11, va="bottom")
            ticks = range(0, len(block), 2) if name == "chroma" else range(0, len(block), len(block) // 4)
            names = [PITCHES[tick] if name == "chroma" else str(tick) for tick in ticks]
            axes.set_yticks([tick + 0.5 for tick in ticks], names, fontsize=10)
        return figure

    return responsive(draw, "Mel bands, mel-frequency cepstral coefficients and chroma of the song over time.")


def _mean_columns(block: np.ndarray, columns: int) -> np.ndarray:
    """A block [rows, frames] averaged over time to at most `columns` columns."""
    starts = np.unique(np.linspace(0, block.shape[1], columns, endpoint=False).astype(int))
    return np.add.reduceat(block, starts, axis=1) / np.diff(starts, append=block.shape[1])
