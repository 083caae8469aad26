"""What Debian has to bring is missed before anything is decoded, and all of it at once."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from gender_audio import weights
from tests.train.conftest import rows
from train.__main__ import app
from train.data import installed
from train.data.library import mbrola_sources, midi_sources
from train.data.synthesis import mbrola, midi
from train.data.validation import LayoutError

FONTS = ("fluid-soundfont-gm", "musescore-general-soundfont-lossless")
VOICES = ("mbrola", "espeak-ng", *(f"mbrola-{name}" for name in mbrola.VOICES))


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with no packages of Debian's: an empty folder in place of all of theirs."""
    own, *others = midi.FONTS.items()
    fonts = {tmp_path / path.name: package for path, package in others}
    monkeypatch.setattr(midi, "FONTS", dict([own]) | fonts)
    monkeypatch.setattr(mbrola, "VOICE_FOLDER", tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


def listed(refused: str) -> list[str]:
    """The packages that are to be installed."""
    (line,) = (line for line in refused.splitlines() if line.startswith("apt install "))
    return line.split()[2:]


@pytest.mark.parametrize(
    ("command", "packages"),
    [
        ("separator", (*FONTS, *VOICES)),
        ("singing --everyone", (*FONTS, *VOICES)),
        ("singing --further --everyone", (*FONTS, *VOICES)),
        ("student --everyone", (*FONTS, *VOICES)),
        ("ablation", (*FONTS, *VOICES)),
    ],
)
def test_all_that_is_missing_is_named_before_anything_is_decoded(
    corpus: Path, bare: Path, monkeypatch: pytest.MonkeyPatch, command: str, packages: tuple[str, ...]
) -> None:
    before = replace(weights.card("singing"), command="python -m train singing --everyone")
    monkeypatch.setattr(weights, "card", lambda *_: before)
    rows(bare)
    (bare / "remix_test.csv").write_bytes((bare / "remix_val.csv").read_bytes())
    typed = [*command.split(), "--data", str(corpus), "--cache", str(bare / "cache")]
    typed += ["--protocol", str(bare)] if command in ("separator", "ablation") else []
    refused = CliRunner().invoke(app, typed)
    assert refused.exit_code == 2
    assert sorted(listed(refused.stderr)) == sorted(packages)
    assert not (bare / "cache").exists()


def test_only_what_is_played_and_sung_is_missed(bare: Path) -> None:
    installed.check(midi_sources(midi.PIECES))
    (bare / "br2").mkdir()
    (bare / "br2" / "br2").touch()
    with pytest.raises(LayoutError) as refused:
        installed.check([*midi_sources(midi.PIECES + 1), *mbrola_sources(2)])
    assert listed(str(refused.value)) == [FONTS[0], "mbrola", "espeak-ng", "mbrola-br4"]
