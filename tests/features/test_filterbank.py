"""The filter bank against values computed with system A's own script; shapes, level and silence."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from gender_audio.features.filterbank import Filterbank, filters

VALUES = json.loads((Path(__file__).parent / "filterbank_values.json").read_text())
SIGNALS = [name for name in VALUES if not name.startswith("_")]
EXACT = Filterbank()
NORMALISED = Filterbank(normalise=True)


def signal(name: str) -> np.ndarray:
    """The float64 [48000] test signals that the values were computed from."""
    seconds = np.arange(48_000) / 16_000
    if name == "sine1000_amp1":
        return np.sin(2 * np.pi * 1000 * seconds)
    if name == "sine440_amp0.5":
        return 0.5 * np.sin(2 * np.pi * 440 * seconds)
    if name == "impulse_at_0":
        return np.eye(1, 48_000)[0]
    if name == "zeros":
        return np.zeros(48_000)
    state, noise = 12345, np.empty(48_000)
    for number in range(len(noise)):
        state = (1664525 * state + 1013904223) % 2**32
        noise[number] = (state / 2**31 - 1) * 0.1
    return noise


def assert_values(feature: np.ndarray, expected: dict[str, object], tolerance: float) -> None:
    def close(actual: object, wanted: object) -> None:
        actual, wanted = np.atleast_1d(actual), np.atleast_1d(wanted)
        audible = wanted > -200
        np.testing.assert_allclose(actual[audible], wanted[audible], atol=tolerance, rtol=0)
        assert (actual[~audible] <= -200).all()

    assert feature.shape == tuple(expected["shape"])
    close(feature.max(), expected["max"])
    close(feature[0, :5], expected["frame0_first5"])
    close(feature[298, -3:], expected["frame298_last3"])
    close(feature[100], expected["frame100"])


@pytest.mark.parametrize("name", SIGNALS)
def test_float64_agrees_with_system_a(name: str) -> None:
    feature = EXACT(torch.from_numpy(signal(name))).numpy()
    assert_values(feature, VALUES[name], 1e-6)
    for statistic in ("mean", "std", "min"):
        assert getattr(feature, statistic)() == pytest.approx(VALUES[name][statistic], abs=1e-6)


@pytest.mark.parametrize("name", SIGNALS)
def test_float32_agrees_with_system_a(name: str) -> None:
    assert_values(EXACT(torch.from_numpy(signal(name)).float()).double().numpy(), VALUES[name], 0.01)


def test_filters_have_the_published_bins() -> None:
    assert EXACT.bins() == VALUES["_bins"]
    assert filters(EXACT).sum(0).tolist() == pytest.approx(VALUES["_filter_sums"])


def test_batch_equals_single_snippets() -> None:
    batch = torch.from_numpy(np.stack([signal(name) for name in SIGNALS])).view(-1, 1, 48_000)
    together = EXACT(batch)
    assert together.shape == (len(SIGNALS), 1, 299, 40)
    for snippet, feature in zip(batch, together, strict=True):
        torch.testing.assert_close(EXACT(snippet), feature)


def test_snippets_are_padded_or_cut() -> None:
    noise = torch.from_numpy(signal("lcg_noise_amp0.1"))
    padded = torch.nn.functional.pad(noise[:20_000], (0, 28_000))
    torch.testing.assert_close(EXACT(noise[:20_000]), EXACT(padded))
    assert EXACT(noise[:20_000]).shape == (299, 40)
    torch.testing.assert_close(EXACT(torch.cat([noise, noise])), EXACT(noise))


@settings(max_examples=25, deadline=None)
@given(gain_db=st.floats(-50, 20), seed=st.integers(0, 2**32 - 1))
def test_normalised_is_independent_of_level(gain_db: float, seed: int) -> None:
    noise = torch.from_numpy(np.random.default_rng(seed).standard_normal((1, 48_000)) * 0.1)
    noise[:, 20_000:30_000] *= 1e-3
    louder = NORMALISED(noise * 10 ** (gain_db / 20))
    torch.testing.assert_close(louder, NORMALISED(noise), atol=1e-6, rtol=0)
    assert louder.min() >= -2
    assert louder.max() == pytest.approx(2)


def test_normalised_channels_share_one_reference() -> None:
    loud = torch.from_numpy(signal("lcg_noise_amp0.1"))
    both = NORMALISED(torch.stack([loud * 0.1, loud]))
    torch.testing.assert_close(both[0], (both[1] - 40 * 4 / 160).clamp(min=-2), atol=1e-6, rtol=0)


def test_normalised_silence_is_the_lowest_value() -> None:
    assert (NORMALISED(torch.zeros(2, 1, 48_000)) == -2).all()


def test_fingerprint_depends_on_every_parameter() -> None:
    different = {EXACT.fingerprint, NORMALISED.fingerprint, Filterbank(bands=80).fingerprint}
    assert len(different) == 3
    assert Filterbank().fingerprint == EXACT.fingerprint
