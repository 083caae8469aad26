"""The genre recipe on a few synthesised songs: training, evaluation and refused leaks."""

from __future__ import annotations

import csv
import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC
from torch import nn
from typer.testing import CliRunner

from gender_audio import weights
from gender_audio.systems.genre import GenreClassifier
from gender_audio.systems.genre_models import AGGREGATORS, METHODS, NetworkSizes
from gender_audio.systems.music_embedding import SYSTEM
from tests.train.conftest import FIELDS
from train import run_records
from train.__main__ import app
from train.data.songs import Song, artist_of, corpus_songs, folder_songs, require_disjoint_artists, song_folds
from train.data.splits import LeakError
from train.engine.augment import StackSpecAugment
from train.engine.schedule import Schedule
from train.evaluation import genre as evaluation
from train.evaluation import system_d
from train.recipes import genre
from train.recipes.crossfit import (
    REGRESSION_COST,
    RowDataset,
    Rows,
    WeightedCrossEntropy,
    class_weights,
    fit_logistic_regression,
    fit_svm,
    predict,
)
from train.reports.genre import section

pytestmark = pytest.mark.training

RATE = 11_025
SIZES = NetworkSizes(picture=4, line=(8, 8), statistics=(8_704, 4, 2))
SHORT = Schedule(samples=32, batch=8, rate=1e-3, rounds=2, workers=0, half=False)
LEARNT = ("picture", "line", "song", "statistics", "rnn", "lstm", "attention")


def record_song(path: Path, label: int, seed: int) -> None:
    """Twelve seconds: beaten noise for the genre, a held chord for the rest."""
    rng, time_s = np.random.default_rng(seed), np.arange(12 * RATE) / RATE
    chord = sum(np.sin(2 * np.pi * hertz * (1 + seed / 50) * time_s) for hertz in (220, 277, 330))
    sound = chord if label else rng.standard_normal(len(time_s)) * (np.sin(2 * np.pi * 2 * time_s) > 0)
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, 0.1 * (sound + 0.01 * rng.standard_normal(len(time_s))), RATE)


@pytest.fixture(scope="module")
def songs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Two folders with eight artists each."""
    folder = tmp_path_factory.mktemp("songs")
    for label, name in enumerate(("rock", "rest")):
        for number in range(8):
            record_song(folder / name / f"artist {label}{number}" / "song.wav", label, number)
    return folder / "rock", folder / "rest"


@pytest.fixture(scope="module")
def recipe(songs: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> genre.Recipe:
    schedules = dict.fromkeys(LEARNT, SHORT)
    cache = tmp_path_factory.mktemp("cache")
    return genre.Recipe(tuple(folder_songs(*songs)), cache, folds=3, sizes=SIZES, schedules=schedules)


@pytest.fixture(scope="module")
def trained(recipe: genre.Recipe) -> genre.TrainedMethods:
    return genre.train(recipe)


def test_every_method_has_out_of_fold_predictions(recipe: genre.Recipe, trained: genre.TrainedMethods) -> None:
    count = len(recipe.songs_in("development"))
    assert set(trained.out_of_fold) == set(METHODS)
    for odds in trained.out_of_fold.values():
        assert odds.shape == (count, 2)
        np.testing.assert_allclose(odds.sum(1), 1, atol=1e-5)
    assert trained.chosen in METHODS
    labels = [song.label for song in recipe.songs_in("development")]
    assert (trained.out_of_fold["texture"].argmax(1) == labels).mean() > 0.9


def test_finished_networks_are_only_loaded(recipe: genre.Recipe, trained: genre.TrainedMethods) -> None:
    again = genre.train(recipe)
    for name in METHODS:
        np.testing.assert_array_equal(again.out_of_fold[name], trained.out_of_fold[name])


def test_exported_methods_predict_like_the_trained_ones(
    recipe: genre.Recipe, trained: genre.TrainedMethods, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(weights.FOLDER / SYSTEM, tmp_path / SYSTEM)
    monkeypatch.setattr(weights, "FOLDER", tmp_path)
    for function in (weights.card, weights.fill, weights.save, weights.fingerprint):
        monkeypatch.setattr(function, "__defaults__", (tmp_path,))
    genre.export(trained, recipe, {"test_auc": 0.5}, "python -m train genre")
    shipped = GenreClassifier.load()
    heard = genre.split_features(recipe, "test")[0]
    expected = trained.methods(heard)
    for name, odds in shipped.models(heard).items():
        np.testing.assert_allclose(odds, expected[name], atol=0.02)
    assert shipped.chosen == trained.chosen
    again = genre.select_method(shipped.models, genre.development_set(recipe))
    assert again.chosen == trained.chosen
    for name, odds in again.out_of_fold.items():
        np.testing.assert_allclose(odds, trained.out_of_fold[name], atol=0.02)


def test_evaluation_has_everything_that_the_report_needs(recipe: genre.Recipe, trained: genre.TrainedMethods) -> None:
    record, answers = evaluation.evaluate_genre(trained, recipe)
    tested = recipe.songs_in("test")
    assert {len(odds) for odds in answers.values()} == {len(tested)}
    assert record["baselines"]["majority"]["balanced_accuracy"] == 0.5
    assert record["baselines"]["duration"]["balanced_accuracy"] == 0.5  # all last twelve seconds
    # Silence is cut to a twentieth of a second, which may still be heard by what learnt from twelve songs.
    assert max(record["length_sensitivity"]["ten seconds of silence before and after"].values()) < 0.05
    assert [len(rounds) for rounds in evaluation.learning_curves(recipe).values()] == [2, 2, 2, 2]
    assert record["single_label_artists"]["test"]["left_out"] == [0, 0]
    assert "test_balanced_accuracy" in evaluation.card_metrics(record)
    written = json.loads(json.dumps(record | {"command": "as typed", "reference": {}}, allow_nan=False))
    assert "### Artists with both labels" in section(written)
    written["single_label_artists"]["development"] = None
    assert "### Artists with both labels" not in section(written)


def test_write_errors_lists_wrong_songs_with_every_probability(tmp_path: Path) -> None:
    listed = [Song(Path("rock/a.ogg"), "A", "rock", 0, "test"), Song(Path("pop/b.ogg"), "B", "pop", 1, "test")]
    odds = np.array([[0.25, 0.75], [0.1, 0.9]])
    evaluation.write_errors(tmp_path / "m.csv", listed, dict.fromkeys(METHODS, odds), "vote")
    (row,) = csv.DictReader((tmp_path / "m.csv").open())
    assert (row["file"], row["label"], row["predicted"], row["vote"]) == ("rock/a.ogg", "rock", "other", "0.250")


def test_single_label_artist_metrics_leave_out_artists_with_both_labels() -> None:
    labels = {"A": [0, 0], "B": [1], "C": [0, 1, 1], "D": [1, 1]}
    songs = [Song(Path("x.ogg"), who, "any", label, "test") for who, every in labels.items() for label in every]
    right = np.eye(2)[[song.label for song in songs]]
    wrong_about_c = np.where(np.array([song.artist == "C" for song in songs])[:, None], 1 - right, right)
    assert evaluation.binary_metrics(wrong_about_c, songs)["balanced_accuracy"] < 1
    found = evaluation.single_label_artist_metrics(wrong_about_c, songs)
    assert found["balanced_accuracy"] == 1 and found["left_out"] == [1, 2]
    assert np.sum(found["confusion"]) == 5
    for disputed in ("A", "C"), ("C",):
        rows = [row for row, song in enumerate(songs) if song.artist in disputed]
        assert evaluation.single_label_artist_metrics(right[rows], [songs[row] for row in rows]) is None


def test_evaluate_option_rejects_other_songs_and_seeds(
    songs: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    read = folder_songs(*songs)
    record = {"seed": 0, "songs": evaluation.count_genres(read), "command": "as typed"}
    evaluation.require_same_songs(record, read, 0)
    with pytest.raises(ValueError, match="other songs"):
        evaluation.require_same_songs(record, read[1:], 0)
    monkeypatch.setattr(run_records, "read", lambda name: record)
    typed = ["genre", "--evaluate", "--seed", "1", "--songs", str(songs[0]), "--rest", str(songs[1])]
    refused = CliRunner().invoke(app, typed)
    assert refused.exit_code == 2 and "trained with --seed 0" in refused.stderr


def test_folders_put_no_artist_on_both_sides(songs: tuple[Path, Path]) -> None:
    read = folder_songs(*songs)
    sides = [{song.artist for song in read if song.split == split} for split in ("development", "test")]
    assert all(sides) and not sides[0] & sides[1]
    assert {song.label for song in read if song.split == "test"} == {0, 1}


def test_a_leaking_split_is_refused() -> None:
    one = Song(Path("a"), "Rush", "prog", 0, "development")
    with pytest.raises(LeakError, match="Rush"):
        require_disjoint_artists([one, replace(one, split="test")])


def test_an_empty_folder_is_refused(songs: tuple[Path, Path], tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no songs"):
        folder_songs(songs[0], tmp_path)


def test_the_artist_is_read_from_folder_or_name() -> None:
    folder = Path("songs")
    assert artist_of(folder / "Rush" / "2112" / "x.mp3", folder) == "Rush"
    assert artist_of(folder / "Yes - Roundabout.mp3", folder) == "Yes"
    assert artist_of(folder / "untitled.mp3", folder) == "untitled"


def test_shared_songs_follow_the_manifest(tmp_path: Path) -> None:
    rows = [
        ["a.ogg", "emotify", "song", "unknown", "", "", "val", "12", "rock", "A", "CC0"],
        ["b.ogg", "emotify", "song", "unknown", "", "", "test", "12", "pop", "B", ""],
        ["c.ogg", "mir1k", "singing", "male", "c", "", "train", "12", "", "", ""],
    ]
    with (tmp_path / "manifest.csv").open("w", newline="") as file:
        csv.writer(file).writerows([FIELDS.split(","), *rows])
    for path, *_ in rows:
        (tmp_path / path).touch()
    assert [(song.label, song.split) for song in corpus_songs(tmp_path)] == [(0, "development"), (1, "test")]


def test_folds_keep_artists_together_unless_told() -> None:
    many = [Song(Path(str(n)), f"artist {n // 4}", "", n // 20) for n in range(40)]
    artists = np.array([song.artist for song in many])
    parts = song_folds(many, 4, 0)
    assert all(len(set(parts[artists == name])) == 1 for name in set(artists))
    assert any(len(set(song_folds(many, 4, 0, by_artist=False)[artists == name])) > 1 for name in set(artists))


def test_every_fold_has_its_share_of_every_genre() -> None:
    many = [Song(Path(str(n)), f"artist {n // 3}", ["rock", "pop", "folk"][n // 54], n // 108) for n in range(162)]
    parts = song_folds(many, 6, 0)
    for genre_of in ("rock", "pop", "folk"):
        counts = np.bincount(parts[[song.genre == genre_of for song in many]], minlength=6)
        assert counts.tolist() == [9] * 6
    assert (song_folds(many, 6, 1) != parts).any()


def test_run_name_depends_on_folds(recipe: genre.Recipe) -> None:
    assert recipe.run("line") == replace(recipe).run("line")
    assert recipe.run("line") != replace(recipe, seed=1).run("line")
    fewer = replace(recipe, songs=tuple(recipe.songs_in("development")))
    assert fewer.run("line") == recipe.run("line")  # what is only tested on changes nothing


def test_run_name_of_aggregators_depends_on_their_input_network(recipe: genre.Recipe) -> None:
    longer = replace(SHORT, rounds=3)
    other = replace(recipe, schedules={**recipe.schedules, "picture": longer})
    assert all(other.run(name) != recipe.run(name) for name in AGGREGATORS)
    assert other.run("line") == recipe.run("line")
    one = system_d.Reference(recipe)
    two = replace(one, schedules={**one.schedules, "CNN-FCN": longer})
    assert two.run("rnn") != one.run("rnn")
    assert two.run("FC-FD") == one.run("FC-FD")


def test_loss_weights_classes_equally() -> None:
    labels = torch.tensor([0, 1, 1, 1])
    weights_of = class_weights(labels)
    assert (weights_of[labels] / 4).sum().item() == pytest.approx(1)
    sure = torch.tensor([[2.0, 0.0]] * 4)
    loss = WeightedCrossEntropy(weights_of)(nn.Identity(), (sure, labels))
    mean = nn.functional.cross_entropy(sure, labels, reduction="none")
    assert loss.item() == pytest.approx((mean[0].item() + mean[1:].mean().item()) / 2, abs=1e-6)


def test_logistic_regression_equals_scikit_learn() -> None:
    rng = np.random.default_rng(0)
    values, labels = rng.normal(0, 1, (60, 5)) * [1, 10, 0.1, 1, 0], (np.arange(60) % 3 > 0).astype(int)
    values[:, 0] += 2 * labels
    fitted = LogisticRegression(C=REGRESSION_COST, class_weight="balanced")
    pipe = make_pipeline(StandardScaler(), fitted).fit(values, labels)
    odds = predict(fit_logistic_regression(values, labels), [torch.from_numpy(values)]).softmax(1)
    np.testing.assert_allclose(odds, pipe.predict_proba(values), atol=1e-4)


def test_every_epoch_has_its_own_order() -> None:
    rows = Rows((torch.arange(50)[:, None],), torch.zeros(50, dtype=torch.long), np.zeros(50, int))
    turns = RowDataset(rows, 0)
    passes = [[int(turns[50 * turn + number][0]) for number in range(50)] for turn in (0, 1)]
    assert sorted(passes[0]) == sorted(passes[1]) == list(range(50)) and passes[0] != passes[1]


def test_stack_spec_augment_masks_rows_and_frames() -> None:
    torch.manual_seed(0)
    holed = StackSpecAugment()(torch.ones(16, 160, 216))
    rows = (holed == 0).all(2).sum(1)
    assert rows.max() > 0 and rows.max() <= 40
    assert ((holed == 0) == ((holed == 0).all(2)[:, :, None] | (holed == 0).all(1)[:, None])).all()


def test_svm_equals_scikit_learn() -> None:
    rng = np.random.default_rng(0)
    values, labels = rng.normal(0, 1, (60, 5)) * [1, 10, 0.1, 1, 1], np.arange(60) % 2
    values[:, 0] += 2 * labels
    svm = make_pipeline(StandardScaler(), SVC(C=1.0, gamma=0.1, class_weight="balanced")).fit(values, labels)
    logits = predict(fit_svm(values, labels), [torch.from_numpy(values)])
    np.testing.assert_allclose(logits[:, 1], svm.decision_function(values), atol=1e-4)
