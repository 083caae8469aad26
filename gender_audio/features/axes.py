"""What the rows and frames of a feature stand for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

OCTAVES_HZ = (250.0, 500.0, 1000.0, 2000.0, 4000.0, 8000.0)


@dataclass(frozen=True)
class FeatureAxes:
    """The axes of a feature.

    Attributes:
        name: of the rows' axis, with its unit.
        rows: value of every row, rising.
        ticks: values to mark.
        hop_s: from one frame to the next in seconds.
        first_s: middle of the first frame in seconds.
    """

    name: str
    rows: tuple[float, ...]
    ticks: tuple[float, ...]
    hop_s: float
    first_s: float

    @classmethod
    def hertz(cls, centres: Sequence[float], hop_s: float, first_s: float) -> FeatureAxes:
        """Bands of a spectrogram, at these frequencies in Hz."""
        ticks = tuple(hz for hz in OCTAVES_HZ if centres[0] <= hz <= centres[-1])
        return cls("Frequency (Hz)", tuple(map(float, centres)), ticks, hop_s, first_s)

    @classmethod
    def cepstrum(cls, coefficients: int, hop_s: float, first_s: float) -> FeatureAxes:
        """Cepstral coefficients, counted from 0."""
        rows = tuple(map(float, range(coefficients)))
        return cls("Cepstral coefficient", rows, rows[::2], hop_s, first_s)

    def height(self, count: int) -> str:
        """How much `count` neighbouring rows cover, in words."""
        if not self.name.endswith("(Hz)"):
            return f"{count} coefficients, whose numbers are no frequencies"
        low, top = self.rows[count] - self.rows[0], self.rows[-1] - self.rows[-1 - count]
        return f"{count} bands, about {_rounded(low)} Hz at the bottom and {_rounded(top)} Hz at the top"


def _rounded(hertz: float) -> str:
    """Two digits: 485.3 becomes 490."""
    return f"{float(f'{hertz:.2g}'):,.0f}"
