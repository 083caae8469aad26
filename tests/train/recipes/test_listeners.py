"""The members as judges of separated vocals."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from gender_audio.synth import BAR_S, CHORDS, MALE, Note, accompany, sing
from train.recipes.listeners import Listeners

RATE = 16_000
LENGTH = 48_000


@pytest.fixture(scope="module")
def listeners() -> Listeners:
    return Listeners()


def test_the_true_vocals_are_heard_as_themselves(listeners: Listeners) -> None:
    voice, mixture = sung()
    assert float(listeners(voice, voice, mixture)) == pytest.approx(0, abs=1e-6)


def test_vocals_are_heard_the_more_differently_the_more_accompaniment_is_left(listeners: Listeners) -> None:
    voice, mixture = sung()
    differences = [mean(listeners, voice + left * (mixture - voice), voice, mixture) for left in (0.01, 0.1, 1.0)]
    assert differences == sorted(differences)
    assert differences[-1] > 10 * differences[0]


def test_a_voice_that_is_erased_is_missed(listeners: Listeners) -> None:
    voice, mixture = sung()
    assert mean(listeners, torch.zeros_like(voice), voice, mixture) > 1


def test_a_step_down_the_gradient_brings_the_vocals_nearer(listeners: Listeners) -> None:
    voice, mixture = sung()
    found = (voice + 0.3 * (mixture - voice)).requires_grad_()
    torch.manual_seed(0)
    before = listeners(found, voice, mixture)
    before.backward()
    assert found.grad is not None
    torch.manual_seed(0)
    step = found.detach() - 1e-3 * found.grad / found.grad.square().mean().sqrt()
    assert listeners(step, voice, mixture).item() < before.item()


def test_the_members_stay_as_they_are(listeners: Listeners) -> None:
    voice, mixture = sung()
    listeners(mixture.clone().requires_grad_(), voice, mixture).backward()
    assert all(weight.grad is None for member in listeners.ensemble.members for weight in member.parameters())
    assert not any(member.training for member in listeners.ensemble.members)


def sung() -> tuple[Tensor, Tensor]:
    """A voice and its mixture with chords, [1, 48000] each."""
    notes = [Note(0.5 * number, 0.5, pitch) for number, pitch in enumerate((48, 50, 52, 48, 45, 48))]
    voice, chords = (
        torch.from_numpy(x[:LENGTH])[None] for x in (sing(notes, MALE, RATE), accompany(CHORDS, BAR_S, RATE))
    )
    return voice, voice + chords


def mean(listeners: Listeners, found: Tensor, true: Tensor, mixture: Tensor) -> float:
    """What members, drawn at random, make of the difference."""
    torch.manual_seed(0)
    with torch.inference_mode():
        return float(torch.stack([listeners(found, true, mixture) for _ in range(8)]).mean())
