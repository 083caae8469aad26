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
    song: float = 0.0
    """The snippet is of a song as it is. For `multiple`, a soloist joins it, or it is of several voices."""
    over_song: float = 0.0
    """The accompaniment of a voice is a song without one. Bandwidth and codec always follow."""
    alone: float = 0.0
    """A snippet without a voice is one recording alone, from any corpus of accompaniments with equal probability."""
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
    doubling: float = 0.0
    """A voice is doubled by a second take. It stays one voice."""
    harmoniser: float = 0.0
    """A voice is joined by a quiet copy at another pitch. It stays one voice."""
    choir: float = 0.0
    """The first of several voices is a choir singer."""
    call_and_answer: float = 0.0
    """Two singers sing in turns."""
    bandwidth: float = 0.0
    """The mixture is limited to a random band."""
    codec: float = 0.0
    """The mixture is encoded and decoded. The difference is added to the accompaniment."""
    noise: float = 0.3
    """Noise is added, 25 to 60 dB below the mixture."""
    noise_only: float = 0.04
    """A remix labelled `none` is only noise, or silence."""


AUGMENTED = RemixConfig(
    spoken=0.3,
    second_voice_db=(-6.0, 6.0),
    song=0.2,
    over_song=0.1,
    alone=0.3,
    extra_voice=0.2,
    formant_shift=0.4,
    pitch_shift=0.25,
    operatic=0.15,
    harmony=0.3,
    reverb=0.2,
    delay=0.05,
    compression=0.25,
    doubling=0.12,
    harmoniser=0.05,
    choir=0.1,
    call_and_answer=0.15,
    bandwidth=0.3,
    codec=0.2,
)
"""The augmentation used for training: all effects are enabled."""
