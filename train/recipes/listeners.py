"""The members as judges of separated vocals: a separator that goes on is to keep what they listen for."""

from __future__ import annotations

import torch
from torch import Tensor

from gender_audio import weights
from gender_audio.systems.ensemble import Ensemble
from gender_audio.systems.labels import SINGING
from gender_audio.systems.singing_features import SingingFeatures


class Listeners:
    """How differently the shipped members hear vocals that were found from the true ones (Germain et al. 2019).

    What the members say of the true vocals is the target, whatever their label: nothing can be gained by making vocals
    up, only by keeping those that are there.
    """

    def __init__(self) -> None:
        self.ensemble = Ensemble.load()
        self.features = SingingFeatures.from_card(weights.card(SINGING.name))
        for member in self.ensemble.members:
            member.requires_grad_(False)

    def __call__(self, found: Tensor, true: Tensor, mixture: Tensor) -> Tensor:
        """The mean Kullback-Leibler divergence, in nats, for one member drawn at random.

        Args:
            found: vocals, [b, 48000], as are `true` ones and the mixtures of both.
        """
        member = self.ensemble.members[int(torch.randint(len(self.ensemble.members), ()))].to(found.device)
        heard = [self.features.from_snippets(vocals, mixture) for vocals in (true, found)]
        expected, said = (member(features.to(memory_format=torch.channels_last)).log_softmax(1) for features in heard)
        return torch.nn.functional.kl_div(said, expected, log_target=True, reduction="batchmean")
