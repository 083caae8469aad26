"""Snippets of real recordings: the rows of the yardstick, and random draws."""

from __future__ import annotations

import csv
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import soundfile

from train.data import real_snippets
from train.data.corpus import groups, read_recordings
from train.data.real_snippets import draw_real, load_real, mix
from train.data.validation import LayoutError

pytestmark = pytest.mark.slow

SHARED = Path(__file__).resolve().parents[4] / "shared"
MORE = "path,dataset,kind,voice,singer_id,song_id,split,duration_s,genre,artist,licence,label_source"
ROWS = "id,label,kind,dataset,group,path1,start1_s,path2,start2_s,gain2_db"


@pytest.fixture
def data(corpus: Path, tmp_path: Path) -> Path:
    """The corpus with more recordings: two named singers, one guessed one, a choir and a stereo song."""
    for path in corpus.iterdir():
        (tmp_path / path.name).symlink_to(path)
    rng = np.random.default_rng(0)
    rows = []
    for name, kind, voice, singer, source in (
        ("tenor", "singing", "male", "new:tenor", "named"),
        ("alto", "singing", "female", "new:alto", "named"),
        ("guess", "singing", "female", "new:guess", "machine"),
        ("choir", "singing", "multiple", "new:?", "named"),
        ("song", "song", "male", "", "named"),
    ):
        soundfile.write(tmp_path / f"{name}.wav", 0.1 * rng.standard_normal((4 * 32_000, 2)), 32_000)
        rows.append(f"{name}.wav,new,{kind},{voice},{singer},song:{name},train,4.0,,,CC0,{source}")
    (tmp_path / "more.csv").write_text("\n".join([MORE, *rows]) + "\n")
    (tmp_path / "emotify_voices.csv").write_text("artist,voice,confidence\nnobody,male,high\n")
    return tmp_path


def write_rows(data: Path, *rows: str) -> Path:
    file = data / "real.csv"
    file.write_text("\n".join([ROWS, *rows]) + "\n")
    return file


def test_recordings_have_the_group_that_folds_need(data: Path) -> None:
    recordings = {recording.path: recording for recording in read_recordings(data)}
    assert recordings["tenor.wav"].group == "new:tenor"
    assert recordings["choir.wav"].group == "new:?", "a corpus whose people are not told apart is one group"
    assert recordings["song.wav"].group == "song:song"
    assert recordings["guess.wav"].guessed and not recordings["alto.wav"].guessed
    assert groups(data)["alto.wav"] == "new:alto"


def test_one_recording_is_cut_and_scaled_to_the_peak(data: Path) -> None:
    (snippet,) = load_real(write_rows(data, "r0,male,solo,new,g,tenor.wav,0.5,,,"), data)
    assert snippet.samples.shape == (48_000,) and snippet.samples.dtype == np.float32
    assert np.abs(snippet.samples).max() == pytest.approx(0.8)
    assert (snippet.label, snippet.kind, snippet.group, snippet.singers) == ("male", "solo", "g", ("new:tenor",))


def test_duet_has_the_gain_of_its_row(data: Path) -> None:
    (snippet,) = load_real(write_rows(data, "r0,multiple,duet,new,g,tenor.wav,0,alto.wav,1,-60"), data)
    (alone,) = load_real(write_rows(data, "r0,male,solo,new,g,tenor.wav,0,,,"), data)
    assert snippet.singers == ("new:tenor", "new:alto")
    np.testing.assert_allclose(snippet.samples, alone.samples, atol=0.01)


def test_mix_adds_at_equal_rms() -> None:
    first, second = np.sin(np.arange(48_000) * 0.1), 0.001 * np.sin(np.arange(48_000) * 0.02)
    mixture = mix([first, second], 0.0)
    share = [float(mixture @ wave / (wave @ wave) ** 0.5) for wave in (first, second)]
    assert share[0] == pytest.approx(share[1], rel=0.01)


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("r0,boy,solo,new,g,tenor.wav,0,,,", "'boy' is not a label"),
        ("r0,male,solo,new,g,gone.wav,0,,,", "there is no file"),
        ("r0,male,solo,new,g,tenor.wav,-1,,,", "start1_s is '-1'"),
        ("r0,multiple,duet,new,g,tenor.wav,0,alto.wav,0,loud", "gain2_db is 'loud'"),
    ],
)
def test_bad_rows_are_listed(data: Path, row: str, problem: str) -> None:
    with pytest.raises(LayoutError, match=f"line 2: .*{problem}"):
        load_real(write_rows(data, row), data)


def test_draws_are_balanced_repeatable_and_never_guessed(data: Path) -> None:
    drawn = draw_real(data, "train", 60, seed=1)
    assert set(Counter(snippet.label for snippet in drawn)) == {"none", "male", "female", "multiple"}
    assert {snippet.kind for snippet in drawn} >= {"solo", "instrument", "duet"}
    assert "new:guess" not in {singer for snippet in drawn for singer in snippet.singers}
    for snippet in drawn:
        assert snippet.samples.shape == (48_000,) and np.isfinite(snippet.samples).all()
        if snippet.kind == "duet":
            assert len(set(snippet.singers)) == 2
    again = draw_real(data, "train", 60, seed=1)
    assert all(np.array_equal(one.samples, other.samples) for one, other in zip(drawn, again, strict=True))


@pytest.mark.skipif(not (SHARED / "protocol" / "real.py").exists(), reason="the shared corpora are not here")
def test_rows_are_those_of_the_shared_yardstick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(SHARED / "protocol")
    monkeypatch.delitem(sys.modules, "real", raising=False)
    import real

    file = SHARED / "protocol" / "real_val.csv"
    with file.open(newline="") as text:
        rows = list(csv.DictReader(text))[::40]
    wanted = SHARED.parent / "shared" / "data"
    monkeypatch.setattr(
        real_snippets.real_protocol, "read_rows", lambda *_: [{name: row[name] or "" for name in row} for row in rows]
    )
    for row, snippet in zip(rows, load_real(file, wanted), strict=True):
        np.testing.assert_allclose(snippet.samples, real.render(row), atol=1e-4)
