"""Classifies how the voice in a recording sounds: none, one male-like, one female-like, or more than one.

>>> import gender_audio
>>> clip = gender_audio.read("song.wav")
>>> classifier = gender_audio.load("singing")
>>> verdict = classifier(clip)
>>> verdict.title
'One female-like voice'

Packages and modules, from the lowest layer to the highest. Each imports only from its own layer and from lower ones:

- `audio`: read, repair, resample, record and write recordings;
  `synth`: synthesised recordings for examples and tests;
  `weights`, `calibration`, `fingerprint`, `atomic_write`: trained weights and their description
- `models`: networks
- `separation`: separate a clip into vocals and accompaniment
- `features`: inputs of the networks
- `gradcam`: the parts of a snippet that are evidence for a label
- `systems`: the classifiers `singing`, `speech-mfcc`, `speech-mel` and `genre`
- `report`, `plots`: a verdict as text, JSON and plots
- `cli`, `ui`: the command line, the web page and its HTTP API

`train` and `bench` may import every part of this package; this package imports neither of them.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # importing the package must stay fast
    from gender_audio.audio import Clip
    from gender_audio.separation import Stems
    from gender_audio.systems.base import Classifier, Verdict

__version__ = "0.2.0"
__all__ = ["Classifier", "Clip", "Stems", "Verdict", "load", "read", "separate"]


def read(path: str | Path) -> Clip:
    """Decode a recording in any common format.

    >>> clip = read("song.wav")
    >>> clip.rate, clip.samples.dtype.name
    (16000, 'float32')

    Raises:
        AudioError: the file cannot be used; `str(error)` is one sentence for the person who chose it.
    """
    from gender_audio import audio

    return audio.read(Path(path))


def load(system: str = "singing", **options: Any) -> Classifier:
    """A classifier with the weights of the repository: a function from a clip to a verdict.

    >>> verdict = load("singing", members=3)(read("song.wav"))
    >>> verdict.label, len(verdict.member_names)
    ('female', 3)
    >>> round(float(verdict.probabilities.sum()), 3)
    1.0

    Args:
        system: `singing`, `speech-mfcc`, `speech-mel` or `genre`.
        options: `separator` and `members` of `singing`, `variant` of `speech-mfcc`.

    Raises:
        ValueError: there is no such system, or an option has a value that does not exist.
        SeparationError: Deezer's package is not installed.
        WeightsError: the weights are missing or damaged.
    """
    from gender_audio.systems import registry

    return registry.load(system, **options)


def separate(clip: Clip, separator: str = "unet") -> Stems:
    """The vocals and the accompaniment of a clip. `gender_audio.separation.load` loads a separator for many clips.

    >>> stems = separate(read("song.wav"))
    >>> stems.vocals.shape == stems.accompaniment.shape == stems.mixture.shape
    True

    Args:
        separator: `unet`, `spleeter`, `spleeter-package` or `none`.

    Raises:
        ValueError: there is no such separator.
        SeparationError: Deezer's package is not installed.
        WeightsError: the weights are missing or damaged.
    """
    from gender_audio import separation

    return separation.load(separator)(clip)


def __getattr__(name: str) -> Any:
    """Import the types of the public API when they are first used."""
    if name == "Clip":
        from gender_audio.audio import Clip

        return Clip
    if name == "Stems":
        from gender_audio.separation import Stems

        return Stems
    if name in ("Classifier", "Verdict"):
        from gender_audio.systems import base

        return getattr(base, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
