"""Missing kinds of sources and missing packages are reported, all at once, before any recording is decoded."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.train.conftest import write_validation_rows
from train.__main__ import app
from train.data.corpus import Source, mbrola_sources, midi_sources, read_sources
from train.data.corpus_checks import require_packages, require_remix_sources
from train.data.library import Library
from train.data.remix_cache import build_cache
from train.data.synthesis import mbrola, midi
from train.data.validation import LayoutError
from train.recipes import separator, singing

Keep = Callable[[Source], bool]
VOICES = ("male", "female")
FONTS = ("fluid-soundfont-gm", "musescore-general-soundfont-lossless")
VOICE_PACKAGES = ("mbrola", "espeak-ng", *(f"mbrola-{name}" for name in mbrola.VOICES))


def run(step: str, data: Path, cache: Path) -> None:
    """Start a step that draws remixes."""
    recipe = singing.Recipe(data, cache, "mixture", "none", remixes=8, n_mbrola=0, n_midi=1)
    if step == "separator":
        separator.train(separator.Recipe(data, data, cache, n_mbrola=0, n_midi=0))
    elif step == "singing":
        singing.train(replace(recipe, members=1))
    else:
        build_cache(replace(recipe.cache_config, n_midi=0), processes=1)


@pytest.mark.parametrize("step", ["separator", "singing", "build_cache"])
def test_missing_accompaniment_is_reported_before_decoding(
    corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    monkeypatch.setattr(Library, "open", lambda *_: pytest.fail("decoding started"))
    monkeypatch.setattr(separator, "load_protocol", lambda *_: [])
    text = (corpus / "manifest.csv").read_text().splitlines(keepends=True)
    for path in corpus.glob("*.ogg"):
        (tmp_path / path.name).symlink_to(path)
    (tmp_path / "manifest.csv").write_text("".join(line for line in text if "accompaniment" not in line))
    with pytest.raises(LayoutError, match=r"^manifest\.csv: there is no accompaniment .*$"):
        run(step, tmp_path, tmp_path / "cache")


@pytest.mark.parametrize(
    ("keep", "expected"),
    [
        (lambda source: source.kind != "speech", ["no male speech", "no female speech"]),
        (lambda source: (source.kind, source.voice) != ("singing", "female"), ["no female singing"]),
        (lambda source: (source.kind, source.voice) != ("speech", "male"), ["no male speech", "all speech"]),
        (lambda source: False, ["no accompaniment", *(f"no {v} {k}" for k in ("singing", "speech") for v in VOICES)]),
    ],
)
def test_require_remix_sources_lists_all_missing_kinds(corpus: Path, keep: Keep, expected: list[str]) -> None:
    with pytest.raises(LayoutError) as error:
        require_remix_sources([source for source in read_sources(corpus, "train") if keep(source)])
    lines = str(error.value).splitlines()
    assert len(lines) == len(expected) and all(words in line for words, line in zip(expected, lines, strict=True))


def test_require_remix_sources_needs_two_singers(corpus: Path) -> None:
    sources = read_sources(corpus, "train")
    require_remix_sources(sources)
    with pytest.raises(LayoutError, match=r"all singing .* same singer_id"):
        require_remix_sources([replace(one, singer_id="same") if one.kind == "singing" else one for one in sources])


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine without Debian's soundfonts and voices: an empty folder takes the place of theirs."""
    own, *others = midi.FONTS.items()
    fonts = {tmp_path / path.name: package for path, package in others}
    monkeypatch.setattr(midi, "FONTS", dict([own]) | fonts)
    monkeypatch.setattr(mbrola, "VOICE_FOLDER", tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


def packages(message: str) -> list[str]:
    """The packages that a message asks to install."""
    (line,) = (line for line in message.splitlines() if line.startswith("apt install "))
    return line.split()[2:]


@pytest.mark.parametrize("command", ["separator", "singing", "ablation"])
def test_commands_list_all_missing_packages_before_decoding(corpus: Path, bare: Path, command: str) -> None:
    write_validation_rows(bare)
    (bare / "remix_test.csv").write_bytes((bare / "remix_val.csv").read_bytes())
    arguments = [command, "--data", str(corpus), "--cache", str(bare / "cache")]
    arguments += ["--protocol", str(bare)] if command != "singing" else []
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 2
    assert sorted(packages(result.stderr)) == sorted((*FONTS, *VOICE_PACKAGES))
    assert not (bare / "cache").exists()


def test_require_packages_asks_only_for_what_the_sources_need(bare: Path) -> None:
    require_packages(midi_sources(midi.PIECES))
    (bare / "br2").mkdir()
    (bare / "br2" / "br2").touch()
    with pytest.raises(LayoutError) as error:
        require_packages([*midi_sources(midi.PIECES + 1), *mbrola_sources(2)])
    assert packages(str(error.value)) == [FONTS[0], "mbrola", "espeak-ng", "mbrola-br4"]
