"""The comparison of separators: the median filters, run time and memory, and checks of the data."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from gender_audio.audio import Clip
from gender_audio.separation import Mixture
from train.data.corpus import Source
from train.data.decoding import RATE
from train.data.validation import LayoutError
from train.evaluation import seen_vs_unseen, separators
from train.evaluation.separators import HPSSSeparator, measure_cost

pytestmark = pytest.mark.slow


def vocal_share(samples: np.ndarray) -> float:
    """The share of the energy that the median filters put into the vocals."""
    stems = HPSSSeparator()(Clip(samples.astype(np.float32)[None], RATE))
    assert stems.vocals.shape == (1, len(samples))
    np.testing.assert_allclose(stems.vocals + stems.accompaniment, samples[None], atol=1e-6)
    return float(np.square(stems.vocals).mean() / np.square(samples).mean())


def test_hpss_keeps_a_gliding_voice_and_removes_chords_and_drums() -> None:
    time_s = np.arange(4 * RATE) / RATE
    chord = sum(np.sin(2 * np.pi * hertz * time_s) for hertz in (220, 330, 440))
    cycles = np.cumsum(300 * 2 ** (0.5 * np.sin(2 * np.pi * 0.7 * time_s))) / RATE
    gliding = sum(np.sin(2 * np.pi * k * cycles) / k for k in range(1, 8))
    drums = np.zeros(4 * RATE)
    drums[:: RATE // 2] = 1
    assert vocal_share(gliding) > 0.5
    assert vocal_share(chord) < 0.1
    assert vocal_share(drums) < 0.1


def library_sources(takes: Path) -> list[Source]:
    """The sources of a library."""
    return [Source(**take["source"]) for take in json.loads(takes.read_text())]


def test_evaluate_seen_vs_unseen_uses_the_same_accompaniments(corpus: Path, tmp_path: Path) -> None:
    metrics = seen_vs_unseen.evaluate_seen_vs_unseen(Mixture(), corpus, tmp_path, count=8)
    assert {source.path for take in tmp_path.glob("library-*/takes.json") for source in library_sources(take)} == {
        *(f"{split}-{number}.ogg" for split in ("train", "val") for number in range(4)),
        *(f"val-{number}.ogg" for number in (6, 7)),
    }
    for side in metrics.values():
        assert side["gain"] == pytest.approx(0, abs=1e-3)
        assert 2 <= side["singers"] <= 4


def test_measure_cost() -> None:
    metrics = measure_cost(Mixture(), 10)
    assert 0 < metrics["real_time_factor"] < 1
    assert metrics["peak_bytes"] > 2**24


def test_evaluate_separators_checks_the_data_first(
    corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(separators, "ProcessPoolExecutor", lambda *_, **__: pytest.fail("too late"))
    (tmp_path / "remix_test.csv").write_text("label\n")
    with pytest.raises(LayoutError, match="no column 'voice1'"):
        separators.evaluate_separators(tmp_path / "remix_test.csv", corpus)
    with pytest.raises(FileNotFoundError, match=r"manifest\.csv"):
        separators.evaluate_separators(tmp_path / "remix_test.csv", tmp_path)
