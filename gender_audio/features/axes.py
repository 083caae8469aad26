"""The axes of a feature: frequencies or coefficients, and time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

OCTAVES_HZ = (250.0, 500.0, 1000.0, 2000.0, 4000.0, 8000.0)


@dataclass(frozen=True)
class FeatureAxes:
    """The axes of a feature.

    Attributes:
        name: name of the row axis, with its unit.
        rows: value of every row, increasing.
        ticks: values to label.
        hop_s: time from one frame to the next in seconds.
        first_s: middle of the first frame in seconds.
    """

    name: str
    rows: tuple[float, ...]
    ticks: tuple[float, ...]
    hop_s: float
    first_s: float

    @classmethod
    def hertz(cls, centres: Sequence[float], hop_s: float, first_s: float) -> FeatureAxes:
        """Axes of a spectrogram whose bands are centred on these frequencies in Hz."""
        ticks = tuple(hz for hz in OCTAVES_HZ if centres[0] <= hz <= centres[-1])
        return cls("Frequency (Hz)", tuple(map(float, centres)), ticks, hop_s, first_s)

    @classmethod
    def cepstrum(cls, coefficients: int, hop_s: float, first_s: float) -> FeatureAxes:
        """Axes of cepstral coefficients, counted from 0."""
        rows = tuple(map(float, range(coefficients)))
        return cls("Cepstral coefficient", rows, rows[::2], hop_s, first_s)

    def height(self, count: int) -> str:
        """Describe in words the range of `count` neighbouring rows."""
        if not self.name.endswith("(Hz)"):
            return f"{count} coefficients, which are not frequencies"
        low, top = self.rows[count] - self.rows[0], self.rows[-1] - self.rows[-1 - count]
        return f"{count} bands, about {_rounded(low)} Hz at the bottom and {_rounded(top)} Hz at the top"


def _rounded(hertz: float) -> str:
    """Rounded to two digits: 485.3 becomes 490."""
    return f"{float(f'{hertz:.2g}'):,.0f}"
