"""How networks learn system B's digits: by its own leaking protocol, and by speaker."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from train.engine.augment import CepstralAugment
from train.engine.fit import Schedule

WHOLE = Schedule(samples=25_600, batch=64, rate=2e-3, rounds=1, decay=5e-2, workers=0)


@dataclass(frozen=True)
class Learner:
    """How networks of one kind learn.

    Attributes:
        network: `resnet` is system B's kind: a trunk that has heard something else, its head first and then the
            whole. `cepstral` and `delay` start from nothing.
        whole: the schedule of the whole network.
        seeds: how many networks answer together.
        trunk: where a `resnet` starts from, see `train.recipes.transfer`.
        mixup: its alpha.
        who: weight of a second task, to tell the speakers apart; its outputs are cut off afterwards.
        augment: what may happen to the images.
        speech: shared speech in the guise of digits comes first, alone, and is every second sample afterwards. A run
            that hears it is named after the speech itself.
    """

    network: Literal["resnet", "cepstral", "delay"]
    whole: Schedule = WHOLE
    seeds: int = 1
    trunk: str = "singing"
    mixup: float = 0.0
    who: float = 0.0
    augment: CepstralAugment = CepstralAugment(gain=0.05, offset=0.03, coefficients=1)
    speech: bool = field(default=False, repr=False)


REMEMBER = CepstralAugment(gain=0.05, offset=0.0, coefficients=1, frames=5)
"""Where remembering the speakers is worth more than anything else, the images stay nearly as they are."""

Kinds = Mapping[str, Sequence[Learner]]
"""Name of an answer to those whose networks give it together."""

OURS = "ours"
LEAKING: Kinds = {
    "resnet": (Learner("resnet", replace(WHOLE, samples=76_800), augment=REMEMBER),),
    OURS: (Learner("cepstral", replace(WHOLE, samples=204_800), seeds=2, who=1.0, augment=REMEMBER),),
}
DISJOINT: Kinds = {
    "resnet": (Learner("resnet", mixup=0.4),),
    OURS: (
        Learner("cepstral", replace(WHOLE, samples=38_400), seeds=3, speech=True),
        Learner("delay", replace(WHOLE, samples=38_400), seeds=3, speech=True),
    ),
}
"""Chosen on speakers of the training sides, put aside there."""


def quick(kinds: Kinds) -> Kinds:
    """The same, with one network of each kind, which learns as little as runs through."""
    whole = replace(WHOLE, samples=32, batch=16)
    return {name: [replace(one, whole=whole, seeds=1) for one in learners] for name, learners in kinds.items()}
