"""Settings of random remixes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class RemixConfig:
    """Probabilities of the events in a random remix, and ranges of its levels in dB, as in the protocol."""

    spoken: float = 0.2
    a_cappella: float = 0.2
    snr_db: tuple[float, float] = (-3.0, 8.0)
    second_voice_db: tuple[float, float] = (-5.0, 5.0)
    second_accompaniment: float = 0.35
    second_accompaniment_db: tuple[float, float] = (-9.0, 0.0)
    same_recording: float = 0.5
    """Two choir singers sing the same bar. With half of it, a soloist keeps the accompaniment of the recording."""
    extra_voice: float = 0.0
    """A third singer joins two singers; with the same probability, a fourth one does."""
    random_eq: float = 0.5
    """A stem goes through a random equaliser."""
    formant_shift: float = 0.0
    """The formants of a voice are shifted, which makes another singer of the same class."""
    pitch_shift: float = 0.0
    """The pitch of a voice is shifted. The formants stay."""
    operatic: float = 0.0
    """A voice gets the vibrato and the singer's formant of an opera singer."""
    harmony: float = 0.0
    """The other voices sing the same words in harmony, like backing vocals or a choir."""
    reverb: float = 0.0
    """A stem gets a reverb."""
    delay: float = 0.0
    """A stem gets echoes."""
    compression: float = 0.0
    """The mixture is compressed."""
    codec: float = 0.0
    """The mixture is encoded and decoded. The difference is added to the accompaniment."""
    noise: float = 0.3
    """Noise is added, 25 to 60 dB below the mixture."""
    noise_only: float = 0.04
    """A remix labelled `none` is only noise, or silence."""


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
"""The augmentation used for training: all effects are enabled."""
