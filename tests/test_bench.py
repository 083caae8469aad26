"""The reference answers as system A did, and the meters measure."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from bench import reference
from bench.measure import median_s
from gender_audio.features.filterbank import Filterbank

ROOT = Path(__file__).parents[1]


def test_reference_filterbank_is_the_exact_feature() -> None:
    time_s = np.arange(reference.SAMPLES) / reference.RATE
    sine = np.sin(2 * np.pi * 1000 * time_s)
    noisy = sine / 4 + np.random.default_rng(0).normal(0, 0.01, sine.shape)
    assert reference.filterbank(sine).mean() == pytest.approx(-84.662949, abs=1e-5)
    assert reference.filterbank(np.zeros(reference.SAMPLES)) == pytest.approx(-313.0712, abs=1e-3)
    ours = Filterbank()(torch.from_numpy(noisy)).numpy()
    np.testing.assert_allclose(reference.filterbank(noisy), ours, atol=1e-6)


def test_reference_network_has_the_published_size() -> None:
    parameters = sum(parameter.numel() for parameter in reference.network().parameters())
    assert parameters == pytest.approx(21.28e6, rel=1e-3)


def test_reference_answers_with_a_class() -> None:
    members = [reference.network() for _ in range(2)]
    assert reference.answer(members, np.random.default_rng(0).normal(0, 0.1, reference.SAMPLES)) in range(4)


def test_the_stop_watch_takes_the_median_without_the_first_run(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [0.0]
    durations = iter([100.0, 3.0, 1.0, 2.0])

    def work() -> None:
        clock[0] += next(durations)

    monkeypatch.setattr("bench.measure.time.perf_counter", lambda: clock[0])
    assert median_s(work, runs=3) == 2.0
    assert next(durations, None) is None


def test_peak_memory_remembers_what_was_freed() -> None:
    size = 2**27
    code = (
        "from bench.measure import peak_bytes; before = peak_bytes();"
        f"block = bytearray(b'1') * {size}; del block; print(peak_bytes() - before)"
    )
    grown = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=True, text=True)
    assert float(grown.stdout) == pytest.approx(size, rel=0.1)
