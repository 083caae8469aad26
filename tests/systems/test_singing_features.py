"""Features of the singing system."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from gender_audio import weights
from gender_audio.audio import Clip
from gender_audio.separation import Stems
from gender_audio.systems.singing_features import SingingFeatures


def test_inputs_select_channels(singing_features: SingingFeatures) -> None:
    vocals, mixture = torch.randn(2, 3, 48_000).unbind()
    both = singing_features.from_snippets(vocals, mixture)
    assert both.shape == (3, *singing_features.shape) == (3, 2, 299, 40)
    for number, name in enumerate(singing_features.inputs):
        one = replace(singing_features, inputs=(name,)).from_snippets(vocals, mixture)
        torch.testing.assert_close(one, both[:, number : number + 1])


def test_signals_share_the_reference_level(singing_features: SingingFeatures) -> None:
    mixture = torch.randn(1, 48_000)
    both = singing_features.from_snippets(mixture * 0.01, mixture)
    assert both[0, 1].mean() - both[0, 0].mean() > 1


@pytest.mark.parametrize("rate", [4_000, 11_025, 16_000, 44_100, 48_000, 192_000])
@pytest.mark.parametrize("stem_rate", [16_000, 44_100])
@pytest.mark.parametrize("extra", [0, 1, 7])
def test_from_stems_at_any_rate(singing_features: SingingFeatures, rate: int, stem_rate: int, extra: int) -> None:
    clip = Clip(np.random.default_rng(0).standard_normal((2, 4 * rate + extra)).astype(np.float32), rate)
    stems = Stems(clip.stereo(stem_rate), clip, stem_rate)
    features = singing_features.from_stems(stems)
    assert len(features) == len(singing_features.windows.starts(stems.vocals.shape[1], stem_rate))
    assert (features[:, 0] - features[:, 1]).abs().mean() < 0.02


def test_from_card_rejects_another_feature() -> None:
    card = replace(weights.card("singing"), fingerprint="another")
    with pytest.raises(weights.WeightsError):
        SingingFeatures.from_card(card)
