"""Separation gains of remixes whose stems are known."""

from __future__ import annotations

import numpy as np
import pytest

from train.data.remix import Remix
from train.data.separation_metrics import gains_by_kind, separation_gain


def remix(label: str, kind: str) -> Remix:
    tone = np.sin(np.arange(48_000) * 0.1).astype(np.float32)
    accompaniment = np.sin(np.arange(48_000) * 0.01).astype(np.float32)
    return Remix(tone if label != "none" else 0 * tone, accompaniment, label, kind, ("a",))


def test_separation_gain_is_si_sdr_improvement_with_a_voice() -> None:
    voiced = remix("male", "sung")
    assert separation_gain(voiced, voiced.mixture) == pytest.approx(0, abs=1e-4)
    assert separation_gain(voiced, voiced.vocals + 0.1 * voiced.accompaniment) == pytest.approx(20, abs=0.5)


def test_separation_gain_is_capped_suppression_without_a_voice() -> None:
    instrumental = remix("none", "instrumental")
    assert separation_gain(instrumental, 0.1 * instrumental.mixture) == pytest.approx(20, abs=0.01)
    assert separation_gain(instrumental, 0 * instrumental.mixture) == pytest.approx(60, abs=0.01)


def test_gains_by_kind_leaves_out_a_cappella_rows() -> None:
    remixes = [
        remix("male", "sung"),
        remix("female", "sung"),
        remix("male", "sung a cappella"),
        remix("male", "spoken"),
    ]
    assert gains_by_kind([1.0, 3.0, 5.0, 7.0], remixes) == {
        ("sung",): [1.0, 3.0],
        ("sung", "male"): [1.0],
        ("sung", "female"): [3.0],
        ("spoken",): [7.0],
    }
