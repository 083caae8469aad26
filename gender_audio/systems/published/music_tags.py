"""Tags of last.fm's listeners about singers, by musicnn."""

from __future__ import annotations

import torch
from torch import Tensor

from gender_audio.systems.music_embedding import SYSTEM, MusicEmbedding

TAGS = {"female vocalists": 5, "female vocalist": 31, "male vocalists": 13, "instrumental": 23}
"""Name to number of the tags that are outputs."""


class MusicTags:
    """Logits of `TAGS` in a snippet."""

    name = SYSTEM
    title = "Music tagger (published)"
    outputs = tuple(TAGS)

    def __init__(self, tagger: MusicEmbedding) -> None:
        self.tagger = tagger
        self.rate = tagger.feature.rate

    @classmethod
    def load(cls) -> MusicTags:
        """The tagger with the weights of the repository.

        Raises:
            WeightsError: the weights are missing or damaged.
        """
        return cls(MusicEmbedding.load())

    @torch.inference_mode()
    def __call__(self, snippets: Tensor) -> Tensor:
        """Snippets [s, 48000] to logits [s, 4]; the level of a snippet does not matter."""
        # Patches pass one by one: as fast as in batches, with less memory.
        patches = (torch.from_numpy(self.tagger.feature(snippet))[:1] for snippet in snippets.numpy())
        return torch.cat([self.tagger.network(patch)[1][:, list(TAGS.values())] for patch in patches])
