"""Theme, style sheet and script of the page. The page loads nothing from other hosts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from gender_audio.plots.palette import PALETTE

if TYPE_CHECKING:
    from gradio.themes import Base


def theme() -> Base:
    """The Gradio theme, in the fonts of the visitor's own system."""
    from gradio.themes import Default, colors, sizes

    base = Default(
        primary_hue=colors.teal,
        secondary_hue=colors.teal,
        neutral_hue=colors.slate,
        radius_size=sizes.radius_lg,
        font=("system-ui", "sans-serif"),
        font_mono=("ui-monospace", "monospace"),
    )
    return base.set(
        body_text_color_subdued="*neutral_500",
        body_text_color_subdued_dark="*neutral_400",
        button_primary_background_fill="*primary_700",
        button_primary_background_fill_dark="*primary_700",
        button_primary_background_fill_hover="*primary_800",
        button_primary_background_fill_hover_dark="*primary_600",
    )


def css() -> str:
    """The style sheet, with the palette as CSS variables."""
    light = "".join(f"--{colour.name}: {colour.light};" for colour in PALETTE)
    dark = "".join(f"--{colour.name}: {colour.dark};" for colour in PALETTE)
    return f":root {{{light}}}\n.dark {{{dark}}}\n" + Path(__file__).with_name("style.css").read_text()


def scripts() -> str:
    """HTML for the page's head: unprocessed sound from the microphone, and files of every type."""
    sources = (Path(__file__).with_name(f"{name}.js").read_text(encoding="utf8") for name in ("microphone", "upload"))
    return "".join(f"<script>(() => {{{source}}})();</script>" for source in sources)
