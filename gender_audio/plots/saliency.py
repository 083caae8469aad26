"""Plots of a saliency map: overlaid on the feature, with the mean of each row."""

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
    """The feature of one snippet in grey under its map, and the mean of each row as a bar."""

    def draw(width: int) -> Figure:
        panel = width // 5
        figure, (axes,) = rows(width, [HEIGHT], end_s - start_s, left=60, right=panel + 28)
        draw_evidence(axes, evidence, start_s)
        axes.set_xlim(start_s, end_s)
        draw_row_axis(axes, evidence.axes)
        place = axes.get_position()
        right = figure.add_axes((place.x1 + 12 / width, place.y0, panel / width, place.height))
        draw_row_means(right, evidence.map.mean(1))
        return figure

    strongest = evidence.axes.rows[int(evidence.map.mean(1).argmax())]
    where = f"strongest at {strongest:.0f} on the axis {evidence.axes.name}"
    return responsive(draw, f"Evidence from {start_s:.1f} to {end_s:.1f} s, {where}.")


def feature(image: np.ndarray, feature_axes: FeatureAxes, start_s: float, end_s: float) -> str:
    """The feature of one snippet, [rows, frames]."""

    def draw(width: int) -> Figure:
        figure, (axes,) = rows(width, [HEIGHT], end_s - start_s, left=60)
        draw_feature(axes, image, feature_axes, start_s)
        axes.set_xlim(start_s, end_s)
        draw_row_axis(axes, feature_axes)
        return figure

    return responsive(draw, f"Input of the networks from {start_s:.1f} to {end_s:.1f} s.")


def draw_evidence(axes: Axes, evidence: SaliencyMap, start_s: float) -> None:
    """Draw the feature in grey, and brighter and tinted where the evidence is strong."""
    image, saliency = evidence.image, evidence.map
    level = ((image - image.min()) / max(float(np.ptp(image)), 1e-6))[..., None]
    weight = (saliency / max(float(saliency.max()), 1e-6))[..., None]
    grey, tinted = 0.1 + 0.55 * level, TINT * (0.3 + 0.7 * level)
    pixels = (1 - weight) * grey + weight * tinted
    draw_feature(axes, pixels, evidence.axes, start_s)


def draw_row_axis(axes: Axes, feature_axes: FeatureAxes) -> None:
    """Label the axis of the rows; each tick is at the middle of its row."""
    rows = np.arange(len(feature_axes.rows)) + 0.5
    axes.set_yticks(
        np.interp(feature_axes.ticks, feature_axes.rows, rows), [f"{tick:g}" for tick in feature_axes.ticks]
    )
    axes.set_ylabel(feature_axes.name)


def draw_row_means(axes: Axes, means: np.ndarray) -> None:
    """Draw the mean evidence of each row as a bar, without gaps between the bars."""
    axes.stairs(means, orientation="horizontal", fill=True, color=VOICE.light)
    axes.axvline(0, color=LINE.light, linewidth=1)
    axes.set(ylim=(0, len(means)), xlim=(0, max(float(means.max()), 1e-6)), xticks=[], yticks=[], xlabel="Row mean")


def draw_feature(
    axes: Axes,
    image: np.ndarray,
    feature_axes: FeatureAxes,
    start_s: float,
    colours: str | Colormap = "magma",
    top: float | None = None,
) -> None:
    """Draw values [rows, frames] or colours [rows, frames, 3]: frames centred on their time, rows one unit high."""
    left_s = start_s + feature_axes.first_s - feature_axes.hop_s / 2
    extent = (left_s, left_s + feature_axes.hop_s * image.shape[1], 0.0, float(len(image)))
    axes.imshow(image, colours, aspect="auto", interpolation="none", extent=extent, origin="lower", vmax=top)
