"""`separate` on the command line: two stems of a recording, and what keeps them from being written."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from gender_audio import separation
from gender_audio.audio import Clip, read
from gender_audio.audio.io import CUT_SHORT
from gender_audio.separation import Stems
from tests.cli.test_classify import run


@pytest.fixture
def halved(monkeypatch: pytest.MonkeyPatch) -> None:
    """A separator that gives a quarter of the mixture to the vocals."""

    def quarter(clip: Clip) -> Stems:
        return Stems(clip.samples / 4, clip, clip.rate)

    monkeypatch.setattr(separation, "load", lambda _: quarter)


@pytest.mark.usefixtures("halved")
def test_separate_writes_both_stems_at_true_level(tone: Path, tmp_path: Path) -> None:
    out = tmp_path / "new" / "folder"
    result = run("separate", tone, "--out", out)
    assert result.exit_code == 0
    assert sorted(path.name for path in out.iterdir()) == ["tone.accompaniment.wav", "tone.vocals.wav"]
    assert result.stdout.splitlines() == [
        f"Wrote {out / 'tone.vocals.wav'}",
        f"Wrote {out / 'tone.accompaniment.wav'}",
    ]
    vocals, accompaniment = read(out / "tone.vocals.wav"), read(out / "tone.accompaniment.wav")
    mixture = read(tone)
    np.testing.assert_allclose(vocals.samples, mixture.samples / 4, atol=2**-15)
    np.testing.assert_allclose(vocals.samples + accompaniment.samples, mixture.samples, atol=2**-14)


@pytest.mark.usefixtures("halved")
def test_separate_says_what_is_odd_about_the_recording(tone: Path, tmp_path: Path) -> None:
    torn = tmp_path / "torn.wav"
    torn.write_bytes(tone.read_bytes()[: tone.stat().st_size // 2])
    result = run("separate", torn, "--out", tmp_path)
    assert result.exit_code == 0
    assert result.stderr == f"{torn}: {CUT_SHORT}\n"


@pytest.mark.usefixtures("halved")
def test_separate_says_that_a_name_is_too_long(tone: Path, tmp_path: Path) -> None:
    long = tmp_path / f"{'a' * 240}.wav"
    long.write_bytes(tone.read_bytes())
    result = run("separate", long, "--out", tmp_path)
    assert result.exit_code == 2
    assert "File name too long" in result.stderr and result.stderr.count("\n") == 1


@pytest.mark.usefixtures("halved")
@pytest.mark.parametrize("out", ["tone.wav", "."])
def test_separate_says_when_it_cannot_write(tone: Path, tmp_path: Path, out: str) -> None:
    (tmp_path / "tone.vocals.wav").mkdir()
    result = run("separate", tone, "--overwrite", "--out", tmp_path / out)
    assert result.exit_code == 2
    assert result.stderr.startswith(f"{tmp_path / out}: ") and result.stderr.count("\n") == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["tone.vocals.wav", "tone.wav"]


@pytest.mark.usefixtures("halved")
def test_separate_replaces_files_only_when_told(tone: Path, tmp_path: Path) -> None:
    precious = tmp_path / "tone.accompaniment.wav"
    precious.write_text("precious")
    refused = run("separate", tone, "--out", tmp_path)
    assert refused.exit_code == 2 and refused.stderr.startswith(f"{precious}: This file is there already")
    assert precious.read_text() == "precious" and not (tmp_path / "tone.vocals.wav").exists()
    assert run("separate", tone, "--out", tmp_path, "--overwrite").exit_code == 0
    assert read(precious).duration_s == read(tone).duration_s
