"""The reference of the benchmark gives the results of system A; the stopwatch and the table."""

from __future__ import annotations

import time

import numpy as np
import pytest
import torch

from bench import reference
from bench.stopwatch import median_s
from bench.table import Row, seconds
from gender_audio.features.filterbank import Filterbank


def test_reference_filterbank_equals_the_exact_feature() -> None:
    time_s = np.arange(reference.SAMPLES) / reference.RATE
    sine = np.sin(2 * np.pi * 1000 * time_s)
    noisy = sine / 4 + np.random.default_rng(0).normal(0, 0.01, sine.shape)
    assert reference.filterbank(sine).mean() == pytest.approx(-84.662949, abs=1e-5)
    assert reference.filterbank(np.zeros(reference.SAMPLES)) == pytest.approx(-313.0712, abs=1e-3)
    expected = Filterbank()(torch.from_numpy(noisy)).numpy()
    np.testing.assert_allclose(reference.filterbank(noisy), expected, atol=1e-6)


def test_reference_network_has_the_published_size() -> None:
    parameters = sum(parameter.numel() for parameter in reference.network().parameters())
    assert parameters == pytest.approx(21.28e6, rel=1e-3)


def test_reference_predicts_a_class() -> None:
    members = [reference.network() for _ in range(2)]
    assert reference.predict(members, np.random.default_rng(0).normal(0, 0.1, reference.SAMPLES)) in range(4)


def test_median_excludes_the_first_call(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [0.0]
    durations = iter([100.0, 3.0, 1.0, 2.0])

    def work() -> None:
        clock[0] += next(durations)

    monkeypatch.setattr(time, "perf_counter", lambda: clock[0])
    assert median_s(work, runs=3) == 2.0
    assert next(durations, None) is None


def test_row_compares_with_limit_and_reference() -> None:
    assert Row("genre", 2.0, 1.0, None, seconds).cells() == ("genre", "2.00 s", "1.00 s EXCEEDED", "-", "-")
    assert Row("clip", 1.0, 2.0, 30.0, seconds).cells()[2:] == ("2.00 s met", "30.0 s", "30.0")
