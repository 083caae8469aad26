"""The ensemble: logits of the members, the two rules that average them, and the shipped weights."""

from __future__ import annotations

import pytest
import torch

from gender_audio import weights
from gender_audio.systems.ensemble import Ensemble, mean_of_logits, mean_of_probabilities
from gender_audio.systems.labels import SINGING


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


@pytest.mark.parametrize("count", [0, 21])
def test_load_rejects_more_members_than_there_are(count: int) -> None:
    with pytest.raises(ValueError, match="from 1 to 20"):
        Ensemble.load(count)


def test_shipped_ensemble_is_complete() -> None:
    assert len(Ensemble.load().members) == 20
    assert weights.card("singing").labels == SINGING.labels
