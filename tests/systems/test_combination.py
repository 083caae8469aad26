"""The combination of the ensemble with published networks."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from gender_audio import weights
from gender_audio.systems.combination import ALL, Combination, combination_inputs, snippet_outputs
from tests.small_classifiers import Loudness, combination


def test_snippets_are_cut_at_the_rate_of_the_network_and_scaled_to_one_peak() -> None:
    mixture = np.linspace(-1, 1, 90_000).astype(np.float32) * 0.01
    for rate in (16_000, 32_000):
        values = snippet_outputs(Loudness("x", rate, "X (published)"), mixture)
        assert values.shape == (4, 2)
        assert values[:, 1] == pytest.approx(0.8, abs=0.02)


def test_silence_is_not_amplified() -> None:
    values = snippet_outputs(Loudness("x", 16_000, "X (published)"), np.full(48_000, 1e-6, np.float32))
    assert values[:, 1] == pytest.approx(1e-6)


def test_inputs_are_logarithms_and_outputs() -> None:
    inputs = combination_inputs(np.array([[0.5, 0.5, 0.0, 0.0]]), [np.array([[1.0, 2.0]]), np.array([[3.0]])])
    assert inputs.dtype == np.float32
    assert inputs[0].tolist() == pytest.approx([*np.log([0.5, 0.5, 1e-4, 1e-4]), 1, 2, 3], abs=1e-5)


def test_probabilities_are_those_of_the_regressions() -> None:
    combined = combination()
    ensemble = np.full((3, 4), 0.25, np.float32)
    outputs = {name: np.random.default_rng(0).normal(size=(3, 2)).astype(np.float32) for name in ("slow", "fast")}
    inputs = torch.from_numpy(combination_inputs(ensemble, list(outputs.values())))
    with torch.inference_mode():
        expected = combined.regressions[ALL](inputs).softmax(-1).numpy()
        slow = combined.regressions["slow"](torch.from_numpy(outputs["slow"])).softmax(-1).numpy()
    np.testing.assert_allclose(combined(ensemble, outputs), combined.calibration(expected), atol=1e-6)
    np.testing.assert_allclose(combined.alone(outputs)["slow"], slow, atol=1e-6)
    assert [answer.name for answer in combined.answers(outputs)] == ["slow", "fast"]


def test_outputs_between_the_windows_of_the_networks_are_interpolated() -> None:
    rising = np.repeat(np.float32([0.1, 0.4, 0.8]), 48_000)
    rising[::48_000] = -0.8  # the same peak in every window, so that none is scaled
    outputs = combination().outputs(rising)["slow"]
    assert outputs.shape == (7, 2)
    heard, between = outputs[::3, 0], outputs[1:3, 0]
    assert heard[0] < heard[1] < heard[2]
    assert between == pytest.approx([heard[0] * 2 / 3 + heard[1] / 3, heard[0] / 3 + heard[1] * 2 / 3], rel=1e-5)


def test_combination_of_other_members_is_not_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert Combination.load() is not None
    original = weights.fingerprint
    monkeypatch.setattr(weights, "fingerprint", lambda name: "other" if name == "singing" else original(name))
    assert Combination.load() is None
    monkeypatch.setattr(weights, "FOLDER", tmp_path)
    assert Combination.load() is None
