"""How the pages look: the palette in light and dark, the theme and the style sheet, all served from here."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gradio.themes import Base


@dataclass(frozen=True)
class Colour:
    """One colour of the palette: the name of its CSS variable, its values on a light and on a dark page."""

    name: str
    light: str
    dark: str

    @property
    def css(self) -> str:
        return f"var(--{self.name})"


# Told apart with each kind of colour blindness too; even so, no label is shown by its colour alone.
LABEL_COLOURS = {
    "none": Colour("label-none", "#7a808c", "#8b93a1"),
    "male": Colour("label-male", "#c75300", "#ff9f45"),
    "female": Colour("label-female", "#2b7cd3", "#4c9bef"),
    "multiple": Colour("label-multiple", "#5b2a86", "#d9b8ff"),
}
INK = Colour("picture-ink", "#3d434e", "#c3c9d4")
LINE = Colour("picture-line", "#d5d9e0", "#3a4252")
VOICE = Colour("picture-voice", "#0b7a6f", "#45cdbd")
PALETTE = (*LABEL_COLOURS.values(), INK, LINE, VOICE)


def theme() -> Base:
    """The theme for Gradio: quiet, in the fonts of the visitor's own system."""
    from gradio.themes import Default, colors, sizes

    quiet = Default(
        primary_hue=colors.teal,
        secondary_hue=colors.teal,
        neutral_hue=colors.slate,
        radius_size=sizes.radius_lg,
        font=("system-ui", "sans-serif"),
        font_mono=("ui-monospace", "monospace"),
    )
    return quiet.set(
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


def head() -> str:
    """For the head of the page: a microphone without the filters that calls need and songs suffer from."""
    return f"<script>{Path(__file__).with_name('microphone.js').read_text()}</script>"
