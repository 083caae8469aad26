"""Where the evidence lay, in pictures: a map over what the networks heard, and how much of it each row had."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import Colormap, to_rgb
from matplotlib.figure import Figure

from gender_audio.features.axes import FeatureAxes
from gender_audio.gradcam import SaliencyMap
from gender_audio.plots.palette import LINE, VOICE
from gender_audio.plots.svg import responsive, rows

HEIGHT = 200  # px
TINT = np.array(to_rgb(VOICE.dark), np.float32)


def overlay(evidence: SaliencyMap, start_s: float, end_s: float) -> str:
    """The feature of one snippet in grey under its map, and the mean of every row as a bar."""

    def draw(width: int) -> Figure:
        panel = width // 5
        figure, (axes,) = rows(width, [HEIGHT], end_s - start_s, left=60, right=panel + 28)
        heat(axes, evidence, start_s)
        axes.set_xlim(start_s, end_s)
        mark(axes, evidence.grid)
        place = axes.get_position()
        right = figure.add_axes((place.x1 + 12 / width, place.y0, panel / width, place.height))
        bars(right, evidence.map.mean(1))
        return figure

    strongest = evidence.grid.rows[int(evidence.map.mean(1).argmax())]
    where = f"strongest at {strongest:.0f} on the axis {evidence.grid.name}"
    return responsive(draw, f"Evidence from {start_s:.1f} to {end_s:.1f} s, {where}.")


def feature(image: np.ndarray, grid: FeatureAxes, start_s: float, end_s: float) -> str:
    """What the networks saw of one snippet, [rows, frames]."""

    def draw(width: int) -> Figure:
        figure, (axes,) = rows(width, [HEIGHT], end_s - start_s, left=60)
        show(axes, image, grid, start_s)
        axes.set_xlim(start_s, end_s)
        mark(axes, grid)
        return figure

    return responsive(draw, f"What the networks saw from {start_s:.1f} to {end_s:.1f} s.")


def heat(axes: Axes, evidence: SaliencyMap, start_s: float) -> None:
    """What was heard in grey, tinted and lit up where the evidence is strong."""
    image, found, grid = evidence.image, evidence.map, evidence.grid
    loud = (image - image.min()) / max(float(np.ptp(image)), 1e-6)
    lit = (found / max(float(found.max()), 1e-6))[..., None]
    grey, tinted = 0.1 + 0.55 * loud[..., None], TINT * (0.3 + 0.7 * loud[..., None])
    pixels = (1 - lit) * grey + lit * tinted
    show(axes, pixels, grid, start_s)


def mark(axes: Axes, grid: FeatureAxes) -> None:
    """The rows' axis, with a tick in the middle of its row."""
    places = np.interp(grid.ticks, grid.rows, np.arange(len(grid.rows)) + 0.5)
    axes.set_yticks(places, [f"{tick:g}" for tick in grid.ticks])
    axes.set_ylabel(grid.name)


def bars(axes: Axes, means: np.ndarray) -> None:
    """One bar for the evidence of each row; they touch, so that many of them stay even."""
    axes.stairs(means, orientation="horizontal", fill=True, color=VOICE.light)
    axes.axvline(0, color=LINE.light, linewidth=1)
    axes.set(ylim=(0, len(means)), xlim=(0, max(float(means.max()), 1e-6)), xticks=[], yticks=[], xlabel="Row mean")


def show(
    axes: Axes,
    image: np.ndarray,
    grid: FeatureAxes,
    start_s: float,
    colours: str | Colormap = "magma",
    top: float | None = None,
) -> None:
    """Values [rows, frames] or colours [rows, frames, 3]: every frame around its middle, every row one unit high."""
    left_s = start_s + grid.first_s - grid.hop_s / 2
    extent = (left_s, left_s + grid.hop_s * image.shape[1], 0.0, float(len(image)))
    axes.imshow(image, colours, aspect="auto", interpolation="none", extent=extent, origin="lower", vmax=top)
