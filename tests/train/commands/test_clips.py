"""Commands for the user's own labelled clips: features are cached once, members are trained, evaluated and written."""

from __future__ import annotations

import json
import pickle
import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from errno import ENOSPC
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch
from typer.testing import CliRunner, Result

from gender_audio import audio, synth, weights
from gender_audio.separation import load, separator_fingerprint
from gender_audio.systems.ensemble import Ensemble
from gender_audio.systems.labels import SINGING
from gender_audio.systems.singing_features import SingingFeatures
from tests.train.pools import InProcessPool, in_process
from train import reports, run_records
from train.__main__ import app
from train.commands.clips import inventory, summary
from train.data import clip_cache
from train.data.clip_cache import INPUTS, CachedSnippets, ClipFeatureCache, build_cache
from train.data.labelled_clips import LabelledClip, assign_splits, read_clip
from train.data.readers import open_dataset
from train.data.readers.open_dataset import open_clips
from train.engine import hardware
from train.recipes import clips as recipe
from train.recipes.singing import FEATURE, SCHEDULE
from train.reports.tables import percent

pytestmark = pytest.mark.training

RATE = 16_000
VOICES = {"none": (), "male": (synth.MALE,), "female": (synth.FEMALE,), "multiple": (synth.MALE, synth.FEMALE)}


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [*map(str, arguments)])


def record(path: Path, voices: tuple[synth.Voice, ...], seed: int) -> None:
    """A second of singing over one chord."""
    sound = 0.3 * synth.accompany([synth.CHORDS[seed % 4]], 0.7, RATE, seed)
    for number, voice in enumerate(voices):
        pitch = (48 if voice is synth.MALE else 67) + (seed + number) % 5
        sung = synth.sing([synth.Note(0.0, 0.7, pitch, "la")], voice, RATE, seed)
        sound[: len(sung)] += sung[: len(sound)]
    path.parent.mkdir(parents=True, exist_ok=True)
    audio.write(path, sound, RATE)


@pytest.fixture(scope="module")
def songs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three singers, or duos, or bands of each label, with one recording each."""
    folder = tmp_path_factory.mktemp("songs")
    for place, (label, voices) in enumerate(VOICES.items()):
        for number in range(3):
            record(folder / label / f"{label} {number} - song.wav", voices, 10 * place + number)
    return folder


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def pool(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[InProcessPool]]:
    monkeypatch.setattr(InProcessPool, "prepared", 0)
    with in_process(clip_cache, hardware):
        yield InProcessPool


@pytest.fixture(scope="module")
def trained(songs: Path, cache: Path) -> Iterator[tuple[Result, Path]]:
    """The result of the command, and the folder that it wrote."""
    out = cache / "out"
    splits = ("--split", "grouped", "--split", "random")
    with in_process(clip_cache, hardware):
        result = run(
            "songs", songs, "--out", out, "--cache", cache, "--members", 1, "--samples", 64, "--patience", 5, *splits
        )
    assert result.exit_code == 0, result.output
    yield result, out / "singing"


def test_songs_writes_members_with_a_card(trained: tuple[Result, Path]) -> None:
    card = json.loads((trained[1] / "card.json").read_text())
    assert set(card["files"]) == {"member-01.safetensors"}
    assert card["separator"] == separator_fingerprint("unet") and card["inputs"] == list(INPUTS)
    for split in ("grouped", "random"):
        for name in ("accuracy", "balanced_accuracy", *(f"recall_{label}" for label in SINGING.labels)):
            assert 0 <= card["metrics"][f"{split}_test_{name}"] <= 1
    assert 0 < card["calibration"]["threshold"] <= 1


def test_written_members_can_be_loaded(trained: tuple[Result, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    for function in (weights.card, weights.fill):
        monkeypatch.setattr(function, "__defaults__", (trained[1].parent,))
    served = Ensemble.load()
    assert served.names == ("01",)
    assert SingingFeatures.from_card(weights.card(SINGING.name)).inputs == INPUTS
    assert served(torch.zeros(2, 1, FEATURE.frames, FEATURE.bands)).shape == (1, 2, 4)


def test_songs_prints_recall_of_every_label_and_the_gap(trained: tuple[Result, Path]) -> None:
    output = trained[0].stdout
    assert "12 clips: 3 none, 3 male, 3 female, 3 multiple" in output
    for split in ("grouped", "random"):
        assert f"{split} split, 4 clips held out, of 4 singers" in output
    assert all(len(re.findall(rf"^  {label} +[01]\.\d+$", output, re.MULTILINE)) == 2 for label in SINGING.labels)
    means = [float(mean) for mean in re.findall(r"balanced accuracy (\S+)", output)]
    assert f"The gap is {100 * (means[1] - means[0]):+.1f} points" in output


def test_songs_rejects_an_existing_folder(trained: tuple[Result, Path], songs: Path, cache: Path) -> None:
    result = run("songs", songs, "--out", trained[1].parent, "--cache", cache)
    assert result.exit_code == 2 and str(trained[1]) in result.stderr
    assert run("songs", songs).exit_code == 2
    assert run("songs", songs, "--out", cache / "other", "--split", "leaky").exit_code == 2


@pytest.mark.parametrize("place", ["file", "file/deeper", "/proc/deeper"])
@pytest.mark.parametrize("command", ["songs --out", "songs --cache", "prepare --cache", "measure --cache"])
def test_unwritable_folder_is_rejected_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str, place: str
) -> None:
    monkeypatch.setattr(open_dataset, "open_clips", lambda *_: pytest.fail("too late"))
    (tmp_path / "file").touch()
    name, option = command.split()
    folders = {"--cache": tmp_path} | ({"--out": tmp_path} if name == "songs" else {}) | {option: tmp_path / place}
    result = run(name, "gone", *(word for pair in folders.items() for word in pair))
    there = tmp_path / "file" if place.startswith("file") else "/proc"
    assert result.exit_code == 2, result.exception
    assert result.stderr.startswith(f"{there}: this is not writable (")


@pytest.mark.usefixtures("pool")
def test_full_disk_is_reported(songs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: object, path: Path) -> None:
        raise OSError(ENOSPC, "No space left on device", str(path))

    monkeypatch.setattr(clip_cache, "save_file", full)
    result = run("prepare", songs, "--cache", tmp_path)
    assert result.exit_code == 2 and result.stderr.splitlines()[-1].endswith("safetensors: No space left on device.")


def test_songs_needs_no_shared_corpora(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    result = run("songs", "gone", "--out", "out")
    assert result.exit_code == 2 and result.stderr.startswith("gone: ")
    for missing in (("singing",), ("singing", "--data", "gone"), ("evaluate",)):
        result = run(*missing)
        assert result.exit_code == 2 and "does not exist" in result.stderr


def test_problems_of_clips_are_listed(songs: Path, tmp_path: Path) -> None:
    shutil.copytree(songs, tmp_path / "songs")
    shutil.rmtree(tmp_path / "songs" / "none")
    (tmp_path / "songs" / "male" / "x.wav").write_bytes(b"")
    (tmp_path / "songs" / "girls").mkdir()
    result = run("prepare", tmp_path / "songs", "--cache", tmp_path)
    assert result.exit_code == 2
    lines = [line for line in result.stderr.splitlines() if str(tmp_path) in line]
    assert ["girls" in lines[0], "x.wav: This file is empty" in lines[1], len(lines)] == [True, True, 2]


def test_too_few_singers_are_rejected_before_separation(tmp_path: Path, pool: type[InProcessPool]) -> None:
    for label in ("male", "female"):
        record(tmp_path / "songs" / label / "a.wav", VOICES[label], 0)
    result = run("songs", tmp_path / "songs", "--out", tmp_path / "out", "--cache", tmp_path)
    assert result.exit_code == 2 and "male: 1 singer(s) or song(s) cannot be in 3 splits" in result.stderr
    assert pool.prepared == 0 and not (tmp_path / "out").exists()


@pytest.mark.usefixtures("trained")
def test_cached_features_equal_served_features(songs: Path, cache: Path) -> None:
    store = ClipFeatureCache(cache, FEATURE)
    clip = next(clip for clip in open_clips(songs, store.contains) if clip.label == "male")
    expected = SingingFeatures(FEATURE, INPUTS).from_stems(load("unet")(read_clip(clip)))
    torch.testing.assert_close(store.load(clip), expected, atol=2e-3, rtol=0)


def test_prepare_resumes(songs: Path, tmp_path: Path, pool: type[InProcessPool]) -> None:
    store = ClipFeatureCache(tmp_path, FEATURE, "none")
    clips = open_clips(songs)
    build_cache(clips[:5], store)
    stamps = {store.path(clip): store.path(clip).stat().st_mtime_ns for clip in clips[:5]}
    build_cache(clips, store)
    assert pool.prepared == 12 and all(store.contains(clip) for clip in clips)
    assert all(path.stat().st_mtime_ns == stamp for path, stamp in stamps.items())
    shutil.copytree(songs, tmp_path / "moved")
    build_cache(open_clips(tmp_path / "moved", store.contains), store)
    assert pool.prepared == 12, "the same recordings elsewhere"
    assert (
        ClipFeatureCache(tmp_path, FEATURE, "unet").folder
        != store.folder
        != ClipFeatureCache(tmp_path, replace(FEATURE, bands=20)).folder
    )


@pytest.mark.usefixtures("pool")
def test_interrupted_clip_is_not_in_the_cache(songs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store, clips = ClipFeatureCache(tmp_path, FEATURE, "none"), open_clips(songs)[:1]
    monkeypatch.setattr(clip_cache, "save_file", lambda tensors, path: path.write_bytes(b"half") and 1 / 0)
    with pytest.raises(ZeroDivisionError):
        build_cache(clips, store)
    assert not store.contains(clips[0])


@pytest.mark.usefixtures("pool")
def test_voiced_snippets_are_audible(tmp_path: Path) -> None:
    quiet = np.full(4 * RATE, 1e-9, np.float32)
    loud = 0.3 * np.sin(np.arange(4 * RATE) * 0.1).astype(np.float32)
    audio.write(tmp_path / "a.wav", np.concatenate([quiet, loud]), RATE)
    store = ClipFeatureCache(tmp_path, FEATURE, "none")
    sung = [LabelledClip(tmp_path / "a.wav", label, content="aa") for label in ("male", "none")]
    build_cache(sung, store)
    assert store.voiced_snippets(sung[0]).tolist() == [2, 3, 4, 5]
    assert store.voiced_snippets(sung[1]).tolist() == [0, 1, 2, 3, 4, 5]
    snippets = CachedSnippets(store, sung)
    assert snippets.clips.tolist() == [0] * 4 + [1] * 6
    all_snippets = store.load(sung[0]).half().numpy()
    np.testing.assert_array_equal(snippets[0], all_snippets[2])
    np.testing.assert_array_equal(snippets[np.array([3, 4])], all_snippets[[5, 0]])
    assert snippets[np.array([], int)].shape == (0, *all_snippets.shape[1:])


@pytest.mark.usefixtures("trained")
def test_bags_contain_only_the_training_split(songs: Path, cache: Path) -> None:
    store = ClipFeatureCache(cache, FEATURE)
    clips = open_clips(songs, store.contains)
    settings = recipe.Recipe(tuple(clips), assign_splits(clips, "grouped", 0), store, schedule=SCHEDULE)
    bag = settings.bag(0)
    training_groups = {settings.groups[clip.content] for clip in settings.clips_in("train")}
    assert set(bag.remixes.singers[:, 0]) == training_groups >= bag.singers
    assert not training_groups & {
        settings.groups[clip.content] for split in ("val", "test") for clip in settings.clips_in(split)
    }
    assert sorted(bag.remixes.labels) == [0, 1, 2, 3]
    features, labels = settings.validation()
    assert features.shape == (4, 1, FEATURE.frames, FEATURE.bands) and sorted(labels.tolist()) == [0, 1, 2, 3]
    assert pickle.loads(pickle.dumps(settings)) == settings, "it goes to other processes"
    others = replace(settings, splits=assign_splits(clips, "random", 1))
    assert len({settings.run(0), settings.run(1), others.run(0)}) == 3


@pytest.mark.usefixtures("trained", "pool")
def test_measure_replaces_the_earlier_record(
    songs: Path, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write, report = run_records.write, reports.write
    monkeypatch.setattr(run_records, "write", lambda name, record: write(name, record, tmp_path / "records"))
    monkeypatch.setattr(reports, "write", lambda: report(tmp_path))
    monkeypatch.setattr(Ensemble, "load", partial(Ensemble.load, 1))
    for note in ("Of another choir.", "Sung by machines."):
        result = run("measure", songs, "--cache", cache, "--note", note)
    assert result.exit_code == 0 and "12 clips, of 12 singers:" in result.output
    written = run_records.read("elsewhere", tmp_path / "records") or {}
    assert written["counts"] == dict.fromkeys(SINGING.labels, 3)
    text = (tmp_path / "results.md").read_text()
    assert "12 clips" in text and "Sung by machines. `python -m train" in text
    assert f"| No voice | 3 | {round(3 * written['recall']['none'])} |" in text
    assert f"Accuracy {percent(written['accuracy'])}." in text
    assert "Of another choir." not in text


def test_summary_names_missing_labels() -> None:
    lines = summary("2 clips", recipe.ClipMetrics(2, 0, 0.5, 0.5, (0.5, 0.5), {"male": 0.5}, {"male": 2}))
    assert lines[0] == "2 clips:"
    assert lines[2:] == [
        "  none     not among them",
        "  male     0.500",
        "  female   not among them",
        "  multiple not among them",
    ]


def test_inventory_names_missing_labels_and_singers() -> None:
    lines = inventory([LabelledClip(Path("a"), "male"), LabelledClip(Path("b"), "none")])
    assert lines[1].startswith("No clip is labelled female or multiple")
    assert lines[2].startswith("Singer and song of 2 are unknown")
    assert len(inventory([LabelledClip(Path("a"), label, "a singer") for label in SINGING.labels])) == 1
