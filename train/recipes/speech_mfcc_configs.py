"""How the networks for system B's digits are trained: by file, as system B did, and by speaker."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from train.engine.augment import CepstralAugment
from train.engine.quick import count
from train.engine.schedule import Schedule

WHOLE = Schedule(samples=25_600, batch=64, rate=2e-3, rounds=1, decay=5e-2, workers=0)


@dataclass(frozen=True)
class NetworkConfig:
    """How networks of one kind are trained.

    Attributes:
        network: `resnet` has a pretrained trunk, as in system B; first its head is trained, then the whole network.
            `cepstral` and `delay` start from random weights.
        whole: the schedule of the whole network.
        seeds: number of networks of this kind in the ensemble.
        trunk: weights that a `resnet` starts from, see `train.recipes.transfer`.
        mixup: alpha of mixup; 0 for none.
        speaker_loss_weight: weight of a second loss, for speaker identification; its outputs are removed afterwards.
        augment: augmentation of the images.
        shared_speech: pretrain on the shared speech, converted to the style of the digits. Afterwards, half of the
            samples are such speech.
    """

    network: Literal["resnet", "cepstral", "delay"]
    whole: Schedule = WHOLE
    seeds: int = count(1, quick=1)
    trunk: str = "singing"
    mixup: float = 0.0
    speaker_loss_weight: float = 0.0
    augment: CepstralAugment = CepstralAugment(gain=0.05, offset=0.03, coefficients=1)
    shared_speech: bool = field(default=False, repr=False)


WEAK_AUGMENT = CepstralAugment(gain=0.05, offset=0.0, coefficients=1, frames=5)
"""For a split in which train and test share all speakers: recognising speakers helps, and strong augmentation hurts."""

Ensembles = Mapping[str, Sequence[NetworkConfig]]
"""Name of an ensemble to the configurations of its networks."""

OURS = "ours"
BY_FILE: Ensembles = {
    "resnet": (NetworkConfig("resnet", replace(WHOLE, samples=76_800), augment=WEAK_AUGMENT),),
    OURS: (
        NetworkConfig(
            "cepstral", replace(WHOLE, samples=204_800), seeds=2, speaker_loss_weight=1.0, augment=WEAK_AUGMENT
        ),
    ),
}
BY_SPEAKER: Ensembles = {
    "resnet": (NetworkConfig("resnet", mixup=0.4),),
    OURS: (
        NetworkConfig("cepstral", replace(WHOLE, samples=38_400), seeds=3, shared_speech=True),
        NetworkConfig("delay", replace(WHOLE, samples=38_400), seeds=3, shared_speech=True),
    ),
}
"""These settings were chosen on speakers that were held out from the training data."""
