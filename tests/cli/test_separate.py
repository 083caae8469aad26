"""`separate` on the command line: two stems of a recording, and the errors of reading and writing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from gender_audio import separation
from gender_audio.audio import CUT_SHORT, Clip, read
from gender_audio.separation import Stems
from tests.cli.invoke import run, run_process


@pytest.fixture
def separator(monkeypatch: pytest.MonkeyPatch) -> None:
    """A separator that gives a quarter of the mixture to the vocals."""

    def quarter(clip: Clip) -> Stems:
        return Stems(clip.samples / 4, clip, clip.rate)

    monkeypatch.setattr(separation, "load", lambda _: quarter)


@pytest.mark.usefixtures("separator")
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


@pytest.mark.usefixtures("separator")
def test_separate_prints_warnings_about_the_recording(tone: Path, tmp_path: Path) -> None:
    torn = tmp_path / "torn.wav"
    torn.write_bytes(tone.read_bytes()[: tone.stat().st_size // 2])
    result = run("separate", torn, "--out", tmp_path)
    assert result.exit_code == 0
    assert result.stderr == f"{torn}: {CUT_SHORT}\n"


@pytest.mark.usefixtures("separator")
def test_separate_reports_a_file_name_that_is_too_long(tone: Path, tmp_path: Path) -> None:
    long = tmp_path / f"{'a' * 240}.wav"
    long.write_bytes(tone.read_bytes())
    result = run("separate", long, "--out", tmp_path)
    assert result.exit_code == 2
    assert "File name too long" in result.stderr and result.stderr.count("\n") == 1


@pytest.mark.usefixtures("separator")
@pytest.mark.parametrize("out", ["tone.wav", "."])
def test_separate_reports_a_folder_it_cannot_write_to(tone: Path, tmp_path: Path, out: str) -> None:
    (tmp_path / "tone.vocals.wav").mkdir()
    result = run("separate", tone, "--overwrite", "--out", tmp_path / out)
    assert result.exit_code == 2
    assert result.stderr.startswith(f"{tmp_path / out}: ") and result.stderr.count("\n") == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["tone.vocals.wav", "tone.wav"]


@pytest.mark.usefixtures("separator")
def test_separate_replaces_files_only_with_overwrite(tone: Path, tmp_path: Path) -> None:
    existing = tmp_path / "tone.accompaniment.wav"
    existing.write_text("precious")
    refused = run("separate", tone, "--out", tmp_path)
    assert refused.exit_code == 2 and refused.stderr.startswith(f"{existing}: ")
    assert existing.read_text() == "precious" and not (tmp_path / "tone.vocals.wav").exists()
    assert run("separate", tone, "--out", tmp_path, "--overwrite").exit_code == 0
    assert read(existing).duration_s == read(tone).duration_s


@pytest.mark.slow
@pytest.mark.parametrize("contents", [None, b"", b"not a recording " * 500])
def test_separate_prints_one_line_for_an_unusable_file(tmp_path: Path, contents: bytes | None) -> None:
    path = tmp_path / "bad.mp3"
    if contents is not None:
        path.write_bytes(contents)
    result = run_process("separate", path, "--out", tmp_path)
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.startswith(f"{path}: ") and result.stderr.count("\n") == 1
