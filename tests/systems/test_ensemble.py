"""Members, what they hear, and the two ways to average them."""

from __future__ import annotations

import torch

from gender_audio.systems.ensemble import Ensemble, mean_of_logits, mean_of_probabilities


def test_members_hear_the_inputs_they_ask_for(ensemble: Ensemble) -> None:
    vocals, mixture = torch.randn(2, 3, 48_000).unbind()
    both = ensemble.features(vocals, mixture)
    assert both.shape == (3, 2, 299, 40)
    for number, name in enumerate(ensemble.inputs):
        alone = Ensemble([], ensemble.feature, (name,)).features(vocals, mixture)
        torch.testing.assert_close(alone, both[:, number : number + 1])


def test_a_quiet_stem_stays_quiet(ensemble: Ensemble) -> None:
    mixture = torch.randn(1, 48_000)
    both = ensemble.features(mixture * 0.01, mixture)
    assert both[0, 1].mean() - both[0, 0].mean() > 1


def test_logits_of_every_member_for_every_snippet(ensemble: Ensemble) -> None:
    features = ensemble.features(*torch.randn(2, 40, 48_000).unbind())
    shares: list[float] = []
    logits = ensemble(features, shares.append)
    assert logits.shape == (3, 40, 4)
    assert shares == [1 / 3, 2 / 3, 1]
    torch.testing.assert_close(ensemble(features[35:36])[:, 0], logits[:, 35], atol=1e-4, rtol=1e-4)
    assert not torch.allclose(logits[0], logits[1])


def test_rules_differ_where_members_do() -> None:
    logits = torch.tensor([[[8.0, 0, 0, 0]], [[0, 1.0, 0, 0]], [[0, 1.0, 0, 0]]])
    assert mean_of_probabilities(logits).shape == (1, 4)
    torch.testing.assert_close(mean_of_probabilities(logits), logits.softmax(-1).mean(0))
    torch.testing.assert_close(mean_of_logits(logits), logits.mean(0).softmax(-1))
    assert not torch.allclose(mean_of_logits(logits), mean_of_probabilities(logits))
