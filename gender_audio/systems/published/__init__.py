"""Published networks that are members of another kind of the singing system.

- `base`: the interface, `PublishedNetwork`
- `fireredvad`: speech, singing and music by FireRedVAD
- `efficientat`: AudioSet's classes of voices by EfficientAT
- `music_tags`: last.fm's tags of singers by musicnn

`combination` turns their outputs into probabilities of the four labels.
"""

from __future__ import annotations

from gender_audio.systems.published.base import PublishedNetwork

__all__ = ["PublishedNetwork", "load_all"]


def load_all() -> tuple[PublishedNetwork, ...]:
    """All published networks with the weights of the repository.

    Raises:
        WeightsError: weights are missing or damaged.
    """
    from gender_audio.systems.published.efficientat import EfficientATVoices
    from gender_audio.systems.published.fireredvad import FireRedEvents
    from gender_audio.systems.published.music_tags import MusicTags

    return FireRedEvents.load(), EfficientATVoices.load(), MusicTags.load()
