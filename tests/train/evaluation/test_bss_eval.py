"""MIR-1K's measure on mixtures whose stems are known."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from gender_audio.audio import Clip
from gender_audio.separation import Mixture, Stems
from train.data.decoding import RATE
from train.evaluation import bss_eval


@pytest.fixture
def pairs() -> list[tuple[np.ndarray, np.ndarray]]:
    rng = np.random.default_rng(0)
    return [tuple(rng.standard_normal((2, seconds * RATE)).astype(np.float32)) for seconds in (1, 2)]


class LeakySeparator:
    """Returns the true voices with a share of the accompaniment left in them."""

    name = "oracle"

    def __init__(self, pairs: list[tuple[np.ndarray, np.ndarray]], left: float) -> None:
        self.pairs, self.left = pairs, left

    def __call__(self, clip: Clip) -> Stems:
        voice, rest = next(pair for pair in self.pairs if len(pair[0]) == clip.samples.shape[1])
        vocals = voice + self.left * rest
        return Stems(vocals[None], clip, clip.rate)


def test_evaluate_mir1k_without_separation_has_no_gain(pairs: list[tuple[np.ndarray, np.ndarray]]) -> None:
    metrics = bss_eval.evaluate_mir1k(Mixture(), pairs)
    assert metrics["gnsdr"] == pytest.approx(0, abs=0.1)
    assert metrics["gsir"] == pytest.approx(0, abs=0.3)
    assert metrics["gsar"] > 60


def test_evaluate_mir1k_of_a_tenth_of_the_accompaniment_is_20_db(pairs: list[tuple[np.ndarray, np.ndarray]]) -> None:
    metrics = bss_eval.evaluate_mir1k(LeakySeparator(pairs, 0.1), pairs)
    assert metrics["gnsdr"] == pytest.approx(20, abs=0.5)
    assert metrics["gsir"] == pytest.approx(20, abs=0.5)


def test_bss_eval_separates_artefacts_from_interference(pairs: list[tuple[np.ndarray, np.ndarray]]) -> None:
    voice, rest = pairs[0]
    noise = 0.1 * np.random.default_rng(1).standard_normal(len(voice))
    _, interference, artefacts = bss_eval.bss_eval(np.stack([voice, rest]), np.stack([voice + noise, rest]))
    assert interference > artefacts + 5
    assert artefacts == pytest.approx(20, abs=0.5)


def test_load_mir1k_pairs_reads_one_split_at_unit_rms(tmp_path: Path) -> None:
    (tmp_path / "mir1k").mkdir()
    fields = "path,dataset,kind,voice,singer_id,song_id,split,duration_s,genre,artist,licence"
    rows = []
    for split, level in (("train", 0.1), ("test", 0.3)):
        for kind, name in (("singing", "voice"), ("accompaniment", "accompaniment")):
            path = f"mir1k/{name}/{split}.wav"
            (tmp_path / path).parent.mkdir(exist_ok=True)
            soundfile.write(tmp_path / path, level * np.sin(np.arange(RATE)), RATE)
            voice = "male" if kind == "singing" else "none"
            rows.append(f"{path},mir1k,{kind},{voice},{split},{split},{split},1,,,research")
    (tmp_path / "manifest.csv").write_text("\n".join([fields, *rows]))
    ((voice, rest),) = bss_eval.load_mir1k_pairs(tmp_path)
    for samples in (voice, rest):
        assert np.sqrt(np.mean(samples**2)) == pytest.approx(1, abs=1e-3)
