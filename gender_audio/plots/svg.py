"""The canvas of all pictures: HTML `<figure>`s whose SVG takes part in the page around it.

Every picture is drawn twice, for a narrow and for a wide place, and the style sheet shows the one that fits,
so text keeps its size. Colours become CSS variables, so a picture follows the page from light to dark.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from html import escape
from io import StringIO
from typing import Any

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from gender_audio.plots.palette import INK, LINE, PALETTE

NARROW, WIDE = 330, 680  # px; the widths pictures are designed for
FONT = 12  # px
TOP, AXIS = 7, 38  # px above the highest and below the lowest axes, for numbers and their unit

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
    width: int, heights: Sequence[int], duration_s: float, gap: int = 0, left: int = 8, right: int = 16
) -> tuple[Figure, list[Axes]]:
    """A figure with axes below one another, in px, that share the time axis of the lowest."""
    height = TOP + sum(heights) + gap * (len(heights) - 1) + AXIS
    figure = Figure((width / 72, height / 72))
    every, y = [], float(height - TOP)
    for row in heights:
        axes = figure.add_axes((left / width, (y - row) / height, (width - left - right) / width, row / height))
        axes.set(xlim=(0.0, duration_s), xticks=[], yticks=[])
        every.append(axes)
        y -= row + gap
    every[-1].xaxis.set_major_locator(
        MaxNLocator(max(4, width // 70), integer=duration_s > 4, steps=[1, 2, 3, 5, 6, 10])
    )
    every[-1].set_xlabel("Time (s)")
    return figure, every


def responsive(draw: Callable[[int], Figure], description: str) -> str:
    """Both widths of a picture, of which the style sheet shows one."""
    svgs = [_svg(draw, width, description) for width in (NARROW, WIDE)]
    return '<figure class="picture"><div class="narrow">{}</div><div class="wide">{}</div></figure>'.format(*svgs)


def _svg(draw: Callable[[int], Figure], width: int, description: str) -> str:
    """An inline SVG; its ids are its own, so that several share a page."""
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
