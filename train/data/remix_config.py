"""What random remixes are made of, and how often."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class RemixConfig:
    """What the random remixes are made of. Levels in dB; the ranges are those of the protocol."""

    spoken: float = 0.2
    a_cappella: float = 0.2
    snr_db: tuple[float, float] = (-3.0, 8.0)
    second_voice_db: tuple[float, float] = (-5.0, 5.0)
    second_accompaniment: float = 0.35
    second_accompaniment_db: tuple[float, float] = (-9.0, 0.0)
    together: float = 0.5
    """Two choir singers sing the same bar, or a soloist is left over the accompaniment of the same recording."""
    more_voices: float = 0.0
    """A third singer joins two; and so may a fourth."""
    coloured: float = 0.5
    """A stem goes through a random smooth filter."""
    reshaped: float = 0.0
    """The resonances of a voice move: another singer of the same class."""
    transposed: float = 0.0
    """A voice sings higher or lower, with the same resonances."""
    trained: float = 0.0
    """A voice has the vibrato and the ring of an opera singer's."""
    harmony: float = 0.0
    """Who joins a singer sings the same words in harmony: backing vocals, a choir."""
    roomy: float = 0.0
    """A stem sounds in a room of its own."""
    echoing: float = 0.0
    """A stem has echoes."""
    pressed: float = 0.0
    """A compressor works on the whole mixture."""
    coded: float = 0.0
    """The mixture has been through a codec; what that added counts as accompaniment."""
    noisy: float = 0.3
    """Room noise is added, 25 to 60 dB below the mixture."""
    empty: float = 0.04
    """A remix labelled `none` is only noise, or nothing at all."""


AUGMENTED = RemixConfig(
    spoken=0.3,
    more_voices=0.2,
    reshaped=0.4,
    transposed=0.25,
    trained=0.15,
    harmony=0.3,
    roomy=0.2,
    echoing=0.05,
    pressed=0.25,
    coded=0.1,
)
"""What differs between the songs of the world, as far as the corpora's can be made to."""
