"""Logits of the members and the two rules that average them."""

from __future__ import annotations

import torch

from gender_audio.systems.ensemble import Ensemble, mean_of_logits, mean_of_probabilities


def test_logits_of_members_and_snippets(ensemble: Ensemble) -> None:
    features = torch.randn(40, 2, 299, 40)
    shares: list[float] = []
    logits = ensemble(features, shares.append)
    assert logits.shape == (3, 40, 4)
    assert shares == [1 / 3, 2 / 3, 1]
    torch.testing.assert_close(ensemble(features[35:36])[:, 0], logits[:, 35], atol=1e-4, rtol=1e-4)
    assert not torch.allclose(logits[0], logits[1])


def test_rules_differ_if_members_differ() -> None:
    logits = torch.tensor([[[8.0, 0, 0, 0]], [[0, 1.0, 0, 0]], [[0, 1.0, 0, 0]]])
    assert mean_of_probabilities(logits).shape == (1, 4)
    torch.testing.assert_close(mean_of_probabilities(logits), logits.softmax(-1).mean(0))
    torch.testing.assert_close(mean_of_logits(logits), logits.mean(0).softmax(-1))
    assert not torch.allclose(mean_of_logits(logits), mean_of_probabilities(logits))
