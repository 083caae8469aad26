"""Separation of a clip into vocals and accompaniment.

- `base`: `Stems`, the `Separator` protocol, `Mixture` (no separation), `SeparationError`
- `registry`: `load` a separator by name; the fingerprint that cards of trained members carry
- `unet`: the embedded separator
- `spleeter`: Deezer's Spleeter
- `spleeter_package`: Deezer's own package for it, in a process of its own
- `chunks`: processes long clips in overlapping chunks

`systems` and every layer above `separation` may import it.
"""

from gender_audio.separation.base import Mixture, SeparationError, Separator, Stems
from gender_audio.separation.registry import NAMES, load, separator_fingerprint

__all__ = ["NAMES", "Mixture", "SeparationError", "Separator", "Stems", "load", "separator_fingerprint"]
