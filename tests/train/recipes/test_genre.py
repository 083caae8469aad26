"""The genre recipe on a few synthesised songs: training, export and evaluation."""

from __future__ import annotations

import csv
import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from gender_audio import weights
from gender_audio.systems.genre import GenreClassifier
from gender_audio.systems.genre_models import AGGREGATORS, METHODS, NetworkSizes
from gender_audio.systems.music_embedding import SYSTEM
from train import run_records
from train.__main__ import app
from train.data.songs import Song, folder_songs
from train.engine.schedule import Schedule
from train.evaluation import genre as evaluation
from train.evaluation import system_d
from train.recipes import genre
from train.reports.genre import section

pytestmark = pytest.mark.training

RATE = 11_025
SIZES = NetworkSizes(picture=4, line=(8, 8), statistics=(8_704, 4, 2))
SHORT = Schedule(samples=32, batch=8, rate=1e-3, rounds=2, workers=0, half=False)
NETWORK_NAMES = ("picture", "line", "song", "statistics", "rnn", "lstm", "attention")


@pytest.fixture(scope="module")
def recipe(song_folders: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> genre.Recipe:
    schedules = dict.fromkeys(NETWORK_NAMES, SHORT)
    cache = tmp_path_factory.mktemp("cache")
    return genre.Recipe(tuple(folder_songs(*song_folders)), cache, folds=3, sizes=SIZES, schedules=schedules)


@pytest.fixture(scope="module")
def trained(recipe: genre.Recipe) -> genre.TrainedMethods:
    return genre.train(recipe)


def test_every_method_has_out_of_fold_predictions(recipe: genre.Recipe, trained: genre.TrainedMethods) -> None:
    count = len(recipe.songs_in("development"))
    assert set(trained.out_of_fold) == set(METHODS)
    for probabilities in trained.out_of_fold.values():
        assert probabilities.shape == (count, 2)
        np.testing.assert_allclose(probabilities.sum(1), 1, atol=1e-5)
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
    loaded = GenreClassifier.load()
    features = genre.split_features(recipe, "test")[0]
    expected = trained.methods(features)
    for name, probabilities in loaded.models(features).items():
        np.testing.assert_allclose(probabilities, expected[name], atol=0.02)
    assert loaded.chosen == trained.chosen
    again = genre.select_method(loaded.models, genre.development_set(recipe))
    assert again.chosen == trained.chosen
    for name, probabilities in again.out_of_fold.items():
        np.testing.assert_allclose(probabilities, trained.out_of_fold[name], atol=0.02)


def test_evaluation_has_everything_that_the_report_needs(recipe: genre.Recipe, trained: genre.TrainedMethods) -> None:
    record, predictions = evaluation.evaluate_genre(trained, recipe)
    tested = recipe.songs_in("test")
    assert {len(probabilities) for probabilities in predictions.values()} == {len(tested)}
    assert record["baselines"]["majority"]["balanced_accuracy"] == 0.5
    assert record["baselines"]["duration"]["balanced_accuracy"] == 0.5  # all last twelve seconds
    # Silence is cut to a twentieth of a second, which can still change networks trained on twelve songs a little.
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
    probabilities = np.array([[0.25, 0.75], [0.1, 0.9]])
    evaluation.write_errors(tmp_path / "m.csv", listed, dict.fromkeys(METHODS, probabilities), "vote")
    (row,) = csv.DictReader((tmp_path / "m.csv").open())
    assert (row["file"], row["label"], row["predicted"], row["vote"]) == ("rock/a.ogg", "rock", "other", "0.250")


def test_single_label_artist_metrics_leave_out_artists_with_both_labels() -> None:
    labels = {"A": [0, 0], "B": [1], "C": [0, 1, 1], "D": [1, 1]}
    songs = [
        Song(Path("x.ogg"), artist, "any", label, "test")
        for artist, artist_labels in labels.items()
        for label in artist_labels
    ]
    right = np.eye(2)[[song.label for song in songs]]
    wrong_about_c = np.where(np.array([song.artist == "C" for song in songs])[:, None], 1 - right, right)
    assert evaluation.binary_metrics(wrong_about_c, songs)["balanced_accuracy"] < 1
    metrics = evaluation.single_label_artist_metrics(wrong_about_c, songs)
    assert metrics["balanced_accuracy"] == 1 and metrics["left_out"] == [1, 2]
    assert np.sum(metrics["confusion"]) == 5
    for disputed in ("A", "C"), ("C",):
        rows = [row for row, song in enumerate(songs) if song.artist in disputed]
        assert evaluation.single_label_artist_metrics(right[rows], [songs[row] for row in rows]) is None


def test_evaluate_option_rejects_other_songs_and_seeds(
    song_folders: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    read = folder_songs(*song_folders)
    record = {"seed": 0, "songs": evaluation.count_genres(read), "command": "as typed"}
    evaluation.require_same_songs(record, read, 0)
    with pytest.raises(ValueError, match="other songs"):
        evaluation.require_same_songs(record, read[1:], 0)
    monkeypatch.setattr(run_records, "read", lambda name: record)
    command = ["genre", "--evaluate", "--seed", "1", "--songs", str(song_folders[0]), "--rest", str(song_folders[1])]
    result = CliRunner().invoke(app, command)
    assert result.exit_code == 2 and "trained with --seed 0" in result.stderr


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
