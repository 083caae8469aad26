"""MIR-1K's measure: what a separator must gain on mixtures whose stems are known."""

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


class Oracle:
    """Knows the voices, and leaves a share of the accompaniment in them."""

    name = "oracle"

    def __init__(self, pairs: list[tuple[np.ndarray, np.ndarray]], left: float) -> None:
        self.pairs, self.left = pairs, left

    def __call__(self, clip: Clip) -> Stems:
        voice, rest = next(pair for pair in self.pairs if len(pair[0]) == clip.samples.shape[1])
        vocals = voice + self.left * rest
        return Stems(vocals[None], clip, clip.rate)


def test_no_separation_gains_nothing(pairs: list[tuple[np.ndarray, np.ndarray]]) -> None:
    found = bss_eval.measure(Mixture(), pairs)
    assert found["gnsdr"] == pytest.approx(0, abs=0.1)
    assert found["gsir"] == pytest.approx(0, abs=0.3)
    assert found["gsar"] > 60


def test_a_tenth_of_the_accompaniment_is_20_db(pairs: list[tuple[np.ndarray, np.ndarray]]) -> None:
    found = bss_eval.measure(Oracle(pairs, 0.1), pairs)
    assert found["gnsdr"] == pytest.approx(20, abs=0.5)
    assert found["gsir"] == pytest.approx(20, abs=0.5)


def test_artefacts_are_told_from_accompaniment(pairs: list[tuple[np.ndarray, np.ndarray]]) -> None:
    voice, rest = pairs[0]
    noise = 0.1 * np.random.default_rng(1).standard_normal(len(voice))
    _, interference, artefacts = bss_eval.figures(np.stack([voice, rest]), np.stack([voice + noise, rest]))
    assert interference > artefacts + 5
    assert artefacts == pytest.approx(20, abs=0.5)


def test_clips_are_the_split_s_own_at_one_level(tmp_path: Path) -> None:
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
    ((voice, rest),) = bss_eval.clips(tmp_path)
    for samples in (voice, rest):
        assert np.sqrt(np.mean(samples**2)) == pytest.approx(1, abs=1e-3)
