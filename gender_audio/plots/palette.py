"""The palette of the pages and pictures, in light and dark."""

from __future__ import annotations

from dataclasses import dataclass


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
    "rock": Colour("label-rock", "#b3261e", "#ff8f87"),
    "other": Colour("label-other", "#1f6f8b", "#5fc9e8"),
}
INK = Colour("picture-ink", "#3d434e", "#c3c9d4")
LINE = Colour("picture-line", "#d5d9e0", "#3a4252")
VOICE = Colour("picture-voice", "#0b7a6f", "#45cdbd")
PALETTE = (*LABEL_COLOURS.values(), INK, LINE, VOICE)
