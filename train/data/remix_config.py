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
    same_recording: float = 0.5
    """Two choir singers sing the same bar, or a soloist is left over the accompaniment of the same recording."""
    extra_voice: float = 0.0
    """A third singer joins two; and so may a fourth."""
    random_eq: float = 0.5
    """A stem goes through a random smooth filter."""
    formant_shift: float = 0.0
    """The resonances of a voice move: another singer of the same class."""
    pitch_shift: float = 0.0
    """A voice sings higher or lower, with the same resonances."""
    operatic: float = 0.0
    """A voice has the vibrato and the ring of an opera singer's."""
    harmony: float = 0.0
    """Who joins a singer sings the same words in harmony: backing vocals, a choir."""
    reverb: float = 0.0
    """A stem sounds in a room of its own."""
    delay: float = 0.0
    """A stem has echoes."""
    compression: float = 0.0
    """A compressor works on the whole mixture."""
    codec: float = 0.0
    """The mixture has been through a codec; what that added counts as accompaniment."""
    noise: float = 0.3
    """Room noise is added, 25 to 60 dB below the mixture."""
    noise_only: float = 0.04
    """A remix labelled `none` is only noise, or nothing at all."""


AUGMENTED = RemixConfig(
    spoken=0.3,
    extra_voice=0.2,
    formant_shift=0.4,
    pitch_shift=0.25,
    operatic=0.15,
    harmony=0.3,
    reverb=0.2,
    delay=0.05,
    compression=0.25,
    codec=0.1,
)
"""What differs between the songs of the world, as far as the corpora's can be made to."""
