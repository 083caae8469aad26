"""The comparison of separators: its baseline and its meters."""

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
from train.evaluation.separators import Hpss, costs


def share(samples: np.ndarray) -> float:
    """How much of the sound the median filters take for voice."""
    stems = Hpss()(Clip(samples.astype(np.float32)[None], RATE))
    assert stems.vocals.shape == (1, len(samples))
    np.testing.assert_allclose(stems.vocals + stems.accompaniment, samples[None], atol=1e-6)
    return float(np.square(stems.vocals).mean() / np.square(samples).mean())


def test_median_filters_tell_a_gliding_voice_from_chords_and_drums() -> None:
    time_s = np.arange(4 * RATE) / RATE
    chord = sum(np.sin(2 * np.pi * hertz * time_s) for hertz in (220, 330, 440))
    cycles = np.cumsum(300 * 2 ** (0.5 * np.sin(2 * np.pi * 0.7 * time_s))) / RATE
    gliding = sum(np.sin(2 * np.pi * k * cycles) / k for k in range(1, 8))
    drums = np.zeros(4 * RATE)
    drums[:: RATE // 2] = 1
    assert share(gliding) > 0.5
    assert share(chord) < 0.1
    assert share(drums) < 0.1


def heard(takes: Path) -> list[Source]:
    """What a library was made of."""
    return [Source(**take["source"]) for take in json.loads(takes.read_text())]


def test_known_and_new_voices_are_measured_over_the_same_accompaniments(corpus: Path, tmp_path: Path) -> None:
    found = seen_vs_unseen.measure(Mixture(), corpus, tmp_path, count=8)
    assert {source.path for take in tmp_path.glob("library-*/takes.json") for source in heard(take)} == {
        *(f"{split}-{number}.ogg" for split in ("train", "val") for number in range(4)),
        *(f"val-{number}.ogg" for number in (6, 7)),
    }
    for side in found.values():
        assert side["gain"] == pytest.approx(0, abs=1e-3)
        assert 2 <= side["singers"] <= 4


def test_costs_are_those_of_the_separator() -> None:
    found = costs(Mixture(), 10)
    assert 0 < found["real_time_factor"] < 1
    assert found["peak_bytes"] > 2**24


def test_data_that_are_wrong_are_said_before_anything_is_measured(
    corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(separators, "ProcessPoolExecutor", lambda *_, **__: pytest.fail("too late"))
    (tmp_path / "remix_test.csv").write_text("label\n")
    with pytest.raises(LayoutError, match="no column 'voice1'"):
        separators.compare(tmp_path / "remix_test.csv", corpus)
    with pytest.raises(FileNotFoundError, match=r"manifest\.csv"):
        separators.compare(tmp_path / "remix_test.csv", tmp_path)
