"""Colours of the web page and of the plots, for light and dark mode."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Colour:
    """The name of a CSS variable, and its values in light and in dark mode."""

    name: str
    light: str
    dark: str

    @property
    def css(self) -> str:
        """The CSS expression for this colour."""
        return f"var(--{self.name})"


# Distinguishable with each kind of colour blindness. Still, no plot shows a label by its colour alone.
LABEL_COLOURS = {
    "none": Colour("label-none", "#7a808c", "#8b93a1"),
    "male": Colour("label-male", "#c75300", "#ff9f45"),
    "female": Colour("label-female", "#2b7cd3", "#4c9bef"),
    "multiple": Colour("label-multiple", "#5b2a86", "#d9b8ff"),
    "rock": Colour("label-rock", "#b3261e", "#ff8f87"),
    "other": Colour("label-other", "#1f6f8b", "#5fc9e8"),
}
INK = Colour("plot-ink", "#3d434e", "#c3c9d4")
LINE = Colour("plot-line", "#d5d9e0", "#3a4252")
VOICE = Colour("plot-voice", "#0b7a6f", "#45cdbd")
PALETTE = (*LABEL_COLOURS.values(), INK, LINE, VOICE)
