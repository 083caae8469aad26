"""The toy corpus has what the recipes need, and `train all` runs, resumes and stops its stages.

All of `python -m train all --quick` takes minutes, so only its two cheapest stages run here.
"""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import soundfile
import typer
from typer.main import get_command
from typer.testing import CliRunner

from gender_audio import separation, weights
from gender_audio.systems.labels import SINGING
from train import run_records
from train.__main__ import app
from train.commands.run_all import PUBLISHED, STAGES, Stage, run
from train.data.corpus import read_recordings, read_sources
from train.data.decoding import RATE
from train.data.readers.audiomnist import Digits
from train.data.real_snippets import load_real
from train.data.remix import load_protocol
from train.data.songs import corpus_songs, song_folds
from train.data.splits import SPLITS, require_disjoint
from train.data.synthesis import toy_corpus
from train.data.voice_activity import SEPARATOR, has_voice, vocal_power
from train.engine.quick import shrink
from train.recipes import genre

pytestmark = pytest.mark.training

NOWHERE = Path("nowhere")


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the toy corpus and protocol."""
    folder = tmp_path_factory.mktemp("quick")
    toy_corpus.write(folder)
    return folder


def test_toy_corpus_matches_its_manifest(out: Path) -> None:
    with (out / "data" / "manifest.csv").open(newline="", encoding="utf8") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        info = soundfile.info(out / "data" / row["path"])
        assert (info.samplerate, info.channels) == (RATE, 1)
        assert info.duration == pytest.approx(float(row["duration_s"]), abs=0.06)
    assert sum(float(row["duration_s"]) for row in rows) < 600


def test_toy_corpus_has_both_voices_and_disjoint_singers_in_every_split(out: Path) -> None:
    by_split = {split: [row for row in read_sources(out / "data", split) if row.singer_id] for split in SPLITS}
    require_disjoint({split: [source.singer_id for source in sources] for split, sources in by_split.items()})
    for sources in by_split.values():
        assert {(source.dataset, source.voice) for source in sources} == {
            (name, voice) for name in (*toy_corpus.SINGERS, *toy_corpus.SPEAKERS) for voice in ("male", "female")
        }


def test_toy_corpus_has_more_recordings_with_songs(out: Path) -> None:
    listed = [source for split in SPLITS for source in read_sources(out / "data", split)]
    more = [source for source in read_recordings(out / "data") if source not in listed]
    assert {(source.kind, source.voice) for source in more if source.split == "train"} == {
        *((kind, voice) for kind in ("singing", "song") for voice in ("male", "female")),
        ("singing", "multiple"),
        ("accompaniment", "none"),
        ("song", "none"),
    }
    assert [source.group for source in more if source.guessed] == ["popbutfy:?"]
    song = out / "data" / "more" / "trainfemale-song.ogg"
    samples, rate = soundfile.read(song, dtype="float32")
    assert samples.shape[1] == 2 and rate == RATE
    assert has_voice(vocal_power(samples.mean(1), separation.load(SEPARATOR))), "remixes find a voice in it"


@pytest.mark.parametrize("split", ["val", "test"])
def test_toy_yardstick_has_every_label_and_kind(out: Path, split: str) -> None:
    snippets = load_real(out / "protocol" / f"real_{split}.csv", out / "data")
    assert {snippet.label for snippet in snippets} == set(SINGING.labels)
    assert {snippet.kind for snippet in snippets} == {"solo", "song", "ensemble", "instrument", "duet"}


def test_toy_corpus_stems_have_equal_length(out: Path) -> None:
    folder = out / "data" / "mir1k"
    lengths = {
        kind: {path.name: soundfile.info(path).frames for path in (folder / kind).iterdir()}
        for kind in ("voice", "accompaniment")
    }
    assert lengths["voice"] == lengths["accompaniment"]
    assert len(lengths["voice"]) == 2 * sum(toy_corpus.SINGERS["mir1k"])


def test_toy_songs_fill_the_folds_of_a_quick_recipe(out: Path) -> None:
    songs = corpus_songs(out / "data")
    assert {song.label for song in songs if song.split == "test"} == {0, 1}
    development = [song for song in songs if song.split == "development"]
    count = shrink(genre.Recipe((), NOWHERE)).folds
    parts = song_folds(development, count, 0)
    cells = {(int(part), song.label) for part, song in zip(parts, development, strict=True)}
    assert len(cells) == 2 * count


@pytest.mark.parametrize("split", ["val", "test"])
def test_toy_protocol_is_balanced_and_renders(out: Path, split: str) -> None:
    remixes = load_protocol(out / "protocol" / f"remix_{split}.csv", out / "data")
    assert set(Counter(remix.label for remix in remixes).values()) == {len(toy_corpus.KINDS)}
    singers = {source.singer_id for source in read_sources(out / "data", split)}
    for remix in remixes:
        assert np.abs(remix.mixture).max() == pytest.approx(0.9, abs=0.01)
        assert len(remix.singers) == {"none": 0, "multiple": 2}.get(remix.label, 1)
        assert set(remix.singers) <= singers
        assert bool(remix.vocals.any()) == (remix.label != "none")
    assert {remix.kind for remix in remixes if remix.label in SINGING.labels[1:]} == set(toy_corpus.KINDS)


def test_toy_digits_have_the_format_of_audiomnist(out: Path) -> None:
    digits = Digits.read(out / "data")
    assert digits.images.shape[1:] == (12, 98)
    assert digits.images.dtype == np.uint8
    assert digits.images.reshape(len(digits.images), -1).std(1).min() > 1
    speakers = set(zip(digits.speakers.tolist(), digits.labels.tolist(), strict=True))
    assert Counter(label for _, label in speakers) == dict.fromkeys((0, 1), toy_corpus.DIGIT_SPEAKERS)


def test_finished_stages_are_not_run_again(out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    stages = [stage for stage in STAGES if stage.name in ("eda", "separator")]
    run(stages, out, quick=True)
    (stage,) = weights.card("separator", out / "weights").stages
    assert (stage.kind, stage.settings["samples"]) == ("train", 16)
    assert (out / "docs" / "eda.md").exists()
    stamps = {log: log.stat().st_mtime_ns for log in (out / "logs").glob("*.log")}
    assert len(stamps) == 2
    capsys.readouterr()
    run(stages, out, quick=True)
    assert capsys.readouterr().out.count("finished before") == 2
    assert {log: log.stat().st_mtime_ns for log in stamps} == stamps


def test_interrupted_run_still_copies_the_published_weights(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "manifest.csv").touch()
    run([], tmp_path, quick=True)
    assert {path.name for path in (tmp_path / "weights").iterdir()} == set(PUBLISHED)
    for name in PUBLISHED:
        assert weights.card(name, tmp_path / "weights") == weights.card(name)
    run([], tmp_path, quick=True)


def test_first_failed_stage_stops_the_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit) as stopped:
        run([Stage("broken", "nonsense"), Stage("later", "eda")], tmp_path, quick=False)
    assert stopped.value.exit_code == 1
    captured = capsys.readouterr()
    assert "No such command" in captured.err
    assert "later" not in captured.out
    assert not list((tmp_path / "logs").glob("*.finished"))


@pytest.mark.parametrize("below", ["", "logs"])
def test_log_folder_that_is_a_file_is_rejected(tmp_path: Path, below: str) -> None:
    file = tmp_path / "afile"
    file.touch()
    result = CliRunner(env={"COLUMNS": "300"}).invoke(app, ["all", "--out", str(file / below)])
    assert result.exit_code == 2 and isinstance(result.exception, SystemExit)
    assert "is a file" in result.stderr or "Not a directory" in result.stderr
    assert not result.stdout, "something was started"


def test_every_command_with_quick_option_has_a_stage() -> None:
    commands = get_command(app).commands
    names = {name for name, one in commands.items() if any(option.name == "quick" for option in one.params)}
    assert names - {"all"} == {stage.words.split()[0] for stage in STAGES if stage.quick == "--quick"}
    assert {stage.words.split()[0] for stage in STAGES} <= set(commands)


def test_quick_needs_other_output_folders(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(weights.VARIABLE, "elsewhere")
    monkeypatch.delenv(run_records.VARIABLE, raising=False)
    result = CliRunner().invoke(app, ["combination", "--quick"])
    assert result.exit_code == 2
    assert run_records.VARIABLE in result.output
