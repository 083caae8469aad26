"""Shared by all plots: layout, style, and conversion to an HTML `<figure>` with inline SVG, or to PNG.

Every plot is drawn in a narrow and in a wide version. The style sheet shows the one that fits, so text keeps its size.
Colours become CSS variables, so plots follow the page's light or dark mode.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from html import escape
from io import BytesIO, StringIO
from typing import Any

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from gender_audio.plots.palette import INK, LINE, PALETTE

NARROW, WIDE = 330, 680  # px; the two widths of a plot
FONT = 12  # px
LONG_S = 60.0  # duration from which times are in minutes and seconds
TOP, AXIS = 7, 38  # px above the highest axes, and below the lowest for tick labels and their unit

STYLE: dict[str, Any] = {
    "svg.fonttype": "none",
    "font.size": FONT,
    "text.color": INK.light,
    "axes.labelcolor": INK.light,
    "axes.edgecolor": LINE.light,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.spines.left": False,
    "xtick.color": INK.light,
    "ytick.color": INK.light,
    "ytick.left": False,
}


def rows(
    width: int, heights: Sequence[int], duration_s: float, gap: int = 0, left: int = 16, right: int = 16
) -> tuple[Figure, list[Axes]]:
    """A figure with axes of these heights below one another, in px. Only the lowest shows the time axis."""
    height = TOP + sum(heights) + gap * (len(heights) - 1) + AXIS
    figure = Figure((width / 72, height / 72))
    stacked, y = [], float(height - TOP)
    for row in heights:
        axes = figure.add_axes((left / width, (y - row) / height, (width - left - right) / width, row / height))
        axes.set(xlim=(0.0, duration_s), xticks=[], yticks=[])
        stacked.append(axes)
        y -= row + gap
    steps = [1, 2, 3, 5, 6, 10] if duration_s < LONG_S else [1.5, 3, 6]
    stacked[-1].xaxis.set_major_locator(MaxNLocator(max(4, width // 70), integer=duration_s > 4, steps=steps))
    if duration_s >= LONG_S:
        stacked[-1].xaxis.set_major_formatter(lambda time_s, _: f"{int(time_s) // 60}:{int(time_s) % 60:02}")
    stacked[-1].set_xlabel("Time (min:s)" if duration_s >= LONG_S else "Time (s)")
    return figure, stacked


def responsive(draw: Callable[[int], Figure], description: str) -> str:
    """The HTML of a plot in both widths.

    Args:
        draw: makes the figure for a width in px.
        description: text for screen readers.
    """
    svgs = [_svg(draw, width, description) for width in (NARROW, WIDE)]
    return '<figure class="plot"><div class="narrow">{}</div><div class="wide">{}</div></figure>'.format(*svgs)


def png(draw: Callable[[int], Figure]) -> bytes:
    """The wide version of a plot as a PNG file, with two pixels for each px."""
    picture = BytesIO()
    with rc_context(STYLE):
        draw(WIDE).savefig(picture, format="png", dpi=144, metadata={"Software": None})
    return picture.getvalue()


def _svg(draw: Callable[[int], Figure], width: int, description: str) -> str:
    """An inline SVG, with ids that differ from those of other plots on the same page."""
    text = StringIO()
    with rc_context({**STYLE, "svg.hashsalt": f"{description} {width}"}):
        figure = draw(width)
        figure.savefig(text, format="svg", transparent=True, metadata={"Date": None})
    height = 72 * figure.get_figheight()
    svg = text.getvalue()
    body = svg[svg.index("</metadata>") + len("</metadata>") :]
    body = re.sub(r' id="[\w.]+_\d+"', "", body)
    body = re.sub(r"'DejaVu Sans'[^;\"]*", "var(--font, sans-serif)", body)
    for colour in PALETTE:
        body = body.replace(colour.light, colour.css)
    return f'<svg viewBox="0 0 {width} {height:.0f}" role="img" aria-label="{escape(description)}">{body}'
